import { catalog } from "@/catalog/catalog";
import { findItem, itemName } from "@/catalog/items";
import { formatInstant, formatMoney } from "@/lib/formats";
import { product } from "@/product/current";
import {
  accountDeleted,
  emailChanged,
  emailChangeRequested,
  newSignIn,
  passkeyAdded,
  passkeyRemoved,
  resetPassword,
  verifyEmail,
  verifyNewEmail,
} from "./account-templates";
import type { EmailPropsOf, StoredEmail } from "./email-content";
import {
  type EmailText,
  formatCredits,
  formatTime,
  type Template,
  type TemplateContext,
} from "./template";

/** Fills in the template of an email. */
export function fillTemplate(email: StoredEmail, context: TemplateContext): EmailText {
  switch (email.template) {
    case "verify-email":
      return verifyEmail(email.props, context);
    case "reset-password":
      return resetPassword(email.props, context);
    case "verify-new-email":
      return verifyNewEmail(email.props, context);
    case "email-change-requested":
      return emailChangeRequested(email.props, context);
    case "email-changed":
      return emailChanged(email.props, context);
    case "new-sign-in":
      return newSignIn(email.props, context);
    case "passkey-added":
      return passkeyAdded(email.props, context);
    case "passkey-removed":
      return passkeyRemoved(email.props, context);
    case "purchase-received":
      return purchaseReceived(email.props, context);
    case "payment-failed":
      return paymentFailed(email.props, context);
    case "billing-change":
      return billingChange(email.props, context);
    case "price-change":
      return priceChange(email.props, context);
    case "payment-confirmation":
      return paymentConfirmation(email.props, context);
    case "trial":
      return trial(email.props, context);
    case "duplicate-subscription-refunded":
      return duplicateSubscriptionRefunded(email.props, context);
    case "late-payment-refunded":
      return latePaymentRefunded(email.props, context);
    case "refund-failed":
      return refundFailed(email.props, context);
    case "withdrawal-received":
      return withdrawalReceived(email.props, context);
    case "renewal-notice":
      return renewalNotice(email.props, context);
    case "credits-expiring":
      return creditsExpiring(email.props, context);
    case "low-balance":
      return lowBalance(email.props, context);
    case "key-limit":
      return keyLimit(email.props, context);
    case "account-deleted":
      return accountDeleted(email.props, context);
    case "admin-alert":
      return adminAlert(email.props, context);
  }
}

const purchaseReceived: Template<"purchase-received"> = (props, context) => {
  const { item, amountCents, currency, expiresAt, creditsFrom, timeZone } = props;
  const { t, locale, pageUrl } = context;
  const credits = formatCredits(props.credits, context);
  const boughtItem = itemName(item, locale);
  const action = { label: t("purchaseReceived.action"), url: pageUrl("/credits") };
  const notes = [t("purchaseReceived.receipt"), ...consentNotes(props, context)];
  const paymentFacts = [
    { label: t("facts.item"), value: boughtItem },
    { label: t("facts.amount"), value: formatMoney(amountCents, currency, locale) },
  ];
  if (creditsFrom !== undefined) {
    const day = formatTime(creditsFrom, timeZone, context);
    return {
      subject: t("purchaseReceived.laterSubject", { item: boughtItem }),
      heading: t("purchaseReceived.laterHeading"),
      paragraphs: [t("purchaseReceived.later", { credits, day })],
      facts: paymentFacts,
      action,
      notes,
    };
  }
  const expiry = expiresAt === null ? t("never") : formatTime(expiresAt, timeZone, context);
  return {
    subject: t("purchaseReceived.subject", { credits }),
    heading: t("purchaseReceived.heading", { credits }),
    paragraphs: [purchaseText(props, context)],
    facts: [
      ...paymentFacts,
      { label: t("facts.credits"), value: credits },
      { label: t("facts.expires"), value: expiry },
    ],
    action,
    notes,
  };
};

function purchaseText(
  { item, periodUntil, timeZone }: EmailPropsOf<"purchase-received">,
  context: TemplateContext,
): string {
  const { t } = context;
  const interval = findItem(item)?.interval;
  if (periodUntil === undefined) return t(`purchaseReceived.texts.${interval ?? "pack"}`);
  const day = formatTime(periodUntil, timeZone, context);
  return t(`purchaseReceived.late.${interval === "year" ? "year" : "month"}`, { day });
}

const paymentFailed: Template<"payment-failed"> = (props, context) => {
  const { amountCents, currency, nextAttemptAt, timeZone } = props;
  const { t, locale, pageUrl } = context;
  const item = itemName(props.item, locale);
  const amount = formatMoney(amountCents, currency, locale);
  const nextAttempt =
    nextAttemptAt === null
      ? t("paymentFailed.noRetry")
      : t("paymentFailed.retry", { day: formatTime(nextAttemptAt, timeZone, context) });
  return {
    subject: t("paymentFailed.subject", { item }),
    heading: t("paymentFailed.heading"),
    paragraphs: [t("paymentFailed.text", { item, amount }), nextAttempt],
    action: { label: t("paymentFailed.action"), url: pageUrl("/billing") },
    notes: [t("paymentFailed.kept")],
  };
};

const billingChange: Template<"billing-change"> = (props, { t, locale, pageUrl }) => {
  const { event, amountCents, currency, endsPlan } = props;
  const item = itemName(props.item, locale);
  const words = { item, amount: formatMoney(amountCents, currency, locale) };
  return {
    subject: t(`billingChange.${event}.subject`, words),
    heading: t(`billingChange.${event}.heading`, words),
    paragraphs: [
      t(`billingChange.${event}.text`, words),
      ...(endsPlan ? [t("billingChange.endsPlan", words)] : []),
    ],
    action: { label: t("billingChange.action"), url: pageUrl("/billing") },
  };
};

const priceChange: Template<"price-change"> = (props, context) => {
  const { interval, currency, before, after, effectiveAt, timeZone } = props;
  const { t, locale, pageUrl } = context;
  const item = itemName(props.item, locale);
  const day = formatInstant(new Date(effectiveAt), { locale, timeZone, style: "date" });
  const hasNewGrace = before.graceHours !== after.graceHours;
  const terms = ({ amountCents, credits, graceHours = 0 }: typeof before) =>
    t("priceChange.terms", {
      interval,
      price: formatMoney(amountCents, currency, locale),
      credits: formatCredits(credits, context),
      hasNewGrace: String(hasNewGrace),
      graceHours,
    });
  return {
    subject: t("priceChange.subject", { item, day }),
    heading: t("priceChange.heading", { day }),
    paragraphs: [t("priceChange.text", { day }), t("priceChange.cancel", { day })],
    facts: [
      { label: t("facts.plan"), value: item },
      { label: t("priceChange.before"), value: terms(before) },
      { label: t("priceChange.after", { day }), value: terms(after) },
    ],
    action: { label: t("priceChange.action"), url: pageUrl("/billing") },
    notes: [t("priceChange.kept")],
  };
};

const paymentConfirmation: Template<"payment-confirmation"> = (
  { item: itemId, amountCents, currency, invoiceUrl },
  { t, locale, pageUrl },
) => {
  const item = itemName(itemId, locale);
  const amount = formatMoney(amountCents, currency, locale);
  return {
    subject: t("paymentConfirmation.subject", { item }),
    heading: t("paymentConfirmation.heading"),
    paragraphs: [t("paymentConfirmation.text", { item, amount }), t("paymentConfirmation.until")],
    action: { label: t("paymentConfirmation.action"), url: invoiceUrl ?? pageUrl("/billing") },
    notes: [t("paymentConfirmation.kept")],
  };
};

const trial: Template<"trial"> = (props, context) => {
  const { event, amountCents, currency, endsAt, timeZone } = props;
  const { t, locale, pageUrl } = context;
  const item = itemName(props.item, locale);
  if (event === "refused") {
    return {
      subject: t("trial.refused.subject", { item }),
      heading: t("trial.refused.heading"),
      paragraphs: [t("trial.refused.text", { item })],
      action: { label: t("trial.refused.action"), url: pageUrl("/pricing") },
    };
  }
  const day = formatTime(endsAt, timeZone, context);
  const words = { item, day };
  return {
    subject: t(`trial.${event}.subject`, words),
    heading: t(`trial.${event}.heading`, words),
    paragraphs:
      amountCents === null
        ? [t("trial.noCharge", words)]
        : [
            t("trial.charge", { ...words, amount: formatMoney(amountCents, currency, locale) }),
            t("trial.cancel", words),
          ],
    action: { label: t("trial.action"), url: pageUrl("/billing") },
    notes: [t("trial.credits"), ...consentNotes(props, context)],
  };
};

/** What the law requires to be confirmed on a durable medium: the consent, and how to withdraw. */
function consentNotes(
  { consent, timeZone }: Pick<EmailPropsOf<"purchase-received">, "consent" | "timeZone">,
  context: TemplateContext,
): string[] {
  const { t } = context;
  if (consent === undefined || catalog.consumerRights === null) return [];
  const time = formatTime(consent.consentedAt, timeZone, context);
  return [
    t("consent.given", { time, text: consent.text }),
    t("consent.withdraw", { days: catalog.consumerRights.withdrawalDays }),
  ];
}

const duplicateSubscriptionRefunded: Template<"duplicate-subscription-refunded"> = (
  { item: itemId, ...refund },
  context,
) => {
  const { t, locale, pageUrl } = context;
  const { amountCents, currency } = refund;
  const item = itemName(itemId, locale);
  const kind = findItem(itemId)?.kind ?? "subscription";
  const amount = formatMoney(amountCents, currency, locale);
  const common = {
    action: { label: t("duplicatePurchase.action"), url: pageUrl("/billing") },
    notes: [t("duplicatePurchase.kept", { kind })],
  };
  if (amountCents === 0) {
    return {
      ...common,
      subject: t("duplicatePurchase.freeSubject", { kind }),
      heading: t("duplicatePurchase.freeHeading", { kind }),
      paragraphs: [t("duplicatePurchase.freeText", { kind, item })],
    };
  }
  return {
    ...common,
    subject: t("duplicatePurchase.subject", { kind }),
    heading: t("duplicatePurchase.heading"),
    paragraphs: [
      t("duplicatePurchase.text", { kind, item, amount }),
      ...returnedTo(refund, context),
    ],
  };
};

const latePaymentRefunded: Template<"late-payment-refunded"> = (
  { item: itemId, isSwitch, ...refund },
  context,
) => {
  const { t, locale, pageUrl } = context;
  const item = itemName(itemId, locale);
  const amount = formatMoney(refund.amountCents, refund.currency, locale);
  const text = t(isSwitch ? "latePayment.switchText" : "latePayment.text", { item, amount });
  return {
    subject: t("latePayment.subject", { item }),
    heading: t("latePayment.heading"),
    paragraphs: [text, ...returnedTo(refund, context)],
    action: { label: t("latePayment.action"), url: pageUrl("/billing") },
    notes: isSwitch ? [] : [t("latePayment.kept")],
  };
};

/** Where a refund goes: to the card or account that paid, to the customer balance, or to both. */
function returnedTo(
  refund: { amountCents: number; balanceCents: number; currency: string },
  { t, locale }: TemplateContext,
): string[] {
  const { amountCents, balanceCents, currency } = refund;
  const money = (cents: number) => formatMoney(cents, currency, locale);
  const cardCents = amountCents - balanceCents;
  return [
    ...(cardCents > 0 ? [t("returnedTo.card", { amount: money(cardCents) })] : []),
    ...(balanceCents > 0 ? [t("returnedTo.balance", { amount: money(balanceCents) })] : []),
  ];
}

const refundFailed: Template<"refund-failed"> = (
  { item: itemId, amountCents, currency },
  { t, locale, pageUrl },
) => {
  const item = itemName(itemId, locale);
  const amount = formatMoney(amountCents, currency, locale);
  return {
    subject: t("refundFailed.subject", { item }),
    heading: t("refundFailed.heading", { amount }),
    paragraphs: [t("refundFailed.text", { item, amount }), t("refundFailed.next")],
    action: { label: t("refundFailed.action"), url: pageUrl("/billing") },
    notes: [t("refundFailed.kept")],
  };
};

const withdrawalReceived: Template<"withdrawal-received"> = (props, context) => {
  const { name, email, purchase, submittedAt, timeZone, days, refund } = props;
  const { t, locale, pageUrl } = context;
  const time = formatTime(submittedAt, timeZone, context);
  return {
    subject: t("withdrawalReceived.subject"),
    heading: t("withdrawalReceived.heading"),
    paragraphs: [
      t("withdrawalReceived.text", { time }),
      refund === null
        ? t("withdrawalReceived.check", { days })
        : t("withdrawalReceived.refund", {
            amount: formatMoney(refund.amountCents, refund.currency, locale),
            days,
          }),
    ],
    facts: [
      { label: t("withdrawalReceived.statement"), value: t("withdrawalReceived.content") },
      { label: t("withdrawalReceived.purchase"), value: purchase },
      { label: t("withdrawalReceived.name"), value: name },
      { label: t("withdrawalReceived.email"), value: email },
      { label: t("withdrawalReceived.time"), value: time },
    ],
    action: { label: t("withdrawalReceived.action"), url: pageUrl("/refunds") },
    notes: [t("withdrawalReceived.notYou")],
  };
};

const renewalNotice: Template<"renewal-notice"> = (props, context) => {
  const { amountCents, currency, renewsAt, timeZone } = props;
  const { t, locale, pageUrl } = context;
  const item = itemName(props.item, locale);
  const amount = formatMoney(amountCents, currency, locale);
  const day = formatInstant(new Date(renewsAt), { locale, timeZone, style: "date" });
  return {
    subject: t("renewalNotice.subject", { item, day }),
    heading: t("renewalNotice.heading", { day }),
    paragraphs: [
      t("renewalNotice.text", { item, amount, day }),
      t("renewalNotice.cancel", { day }),
    ],
    facts: [
      { label: t("facts.plan"), value: item },
      { label: t("renewalNotice.amount"), value: amount },
      { label: t("renewalNotice.day"), value: day },
    ],
    action: { label: t("renewalNotice.action"), url: pageUrl("/billing") },
  };
};

const creditsExpiring: Template<"credits-expiring"> = ({ lots, timeZone }, context) => {
  const { t, words, pageUrl } = context;
  const total = lots.reduce((sum, lot) => sum + lot.credits, 0);
  const credits = formatCredits(total, context);
  return {
    subject: t("creditsExpiring.subject", { credits }),
    heading: t("creditsExpiring.heading", { credits }),
    paragraphs: [t("creditsExpiring.text")],
    facts: lots.map((lot) => ({
      label: formatTime(lot.expiresAt, timeZone, context),
      value: formatCredits(lot.credits, context),
    })),
    action: { label: words("start"), url: pageUrl(product.startHref) },
    notes: [t("optional")],
  };
};

const lowBalance: Template<"low-balance"> = ({ available, cost }, context) => {
  const { t, words, pageUrl } = context;
  const credits = formatCredits(available, context);
  return {
    subject: t("lowBalance.subject", { credits }),
    heading: t("lowBalance.heading", { credits }),
    paragraphs: [
      t("lowBalance.text", { price: words("price", { cost: formatCredits(cost, context) }) }),
    ],
    action: { label: t("lowBalance.action"), url: pageUrl("/pricing#packs") },
    notes: [t("optional")],
  };
};

const keyLimit: Template<"key-limit"> = ({ limit, resetsAt, timeZone }, context) => {
  const { t, pageUrl } = context;
  const credits = formatCredits(limit, context);
  return {
    subject: t("keyLimit.subject"),
    heading: t("keyLimit.heading"),
    paragraphs: [
      resetsAt === null
        ? t("keyLimit.total", { credits })
        : t("keyLimit.text", { credits, at: formatTime(resetsAt, timeZone, context) }),
    ],
    action: { label: t("keyLimit.action"), url: pageUrl("/settings/api-keys") },
  };
};

/** Title and lines are always English, like the log: they name tables, runs and ids. */
const adminAlert: Template<"admin-alert"> = ({ title, lines }, { t, pageUrl }) => ({
  subject: t("adminAlert.subject", { title }),
  heading: title,
  paragraphs: lines,
  action: { label: t("adminAlert.action"), url: pageUrl("/admin") },
});

/** `1,000 credits` */
