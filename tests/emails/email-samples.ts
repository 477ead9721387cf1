import { BILLING_EVENTS } from "@/emails/billing-events";
import type { EmailContent } from "@/emails/email-content";

const paid = { amountCents: 9900, currency: "usd" };
const timeZone = "Asia/Shanghai";
const inAWeek = "2026-03-08T10:00:00.000Z";

/** Every template, with every item. */
export const EMAIL_SAMPLES: readonly EmailContent[] = [
  {
    template: "verify-email",
    props: { url: "http://localhost:3000/api/auth/verify-email?token=abc", validHours: 24 },
  },
  {
    template: "verify-new-email",
    props: { url: "http://localhost:3000/settings/email?token=abc", validHours: 24 },
  },
  { template: "email-change-requested", props: {} },
  { template: "email-changed", props: {} },
  ...["Chrome", null].map((browser) => ({
    template: "new-sign-in" as const,
    props: { browser, system: null, network: browser && "203.0.113.0/24", at: inAWeek, timeZone },
  })),
  ...(["passkey-added", "passkey-removed"] as const).map((template) => ({
    template,
    props: { browser: "Chrome", system: "macOS", network: null, at: inAWeek, timeZone },
  })),
  {
    template: "reset-password",
    props: { url: "http://localhost:3000/reset-password?token=abc", validMinutes: 60 },
  },
  ...(
    [
      "pro-monthly",
      "pro-yearly",
      "lifetime",
      "pack-basic",
      "pack-standard",
      "pack-premium",
      "pack-enterprise",
    ] as const
  ).map((item) => ({
    template: "purchase-received" as const,
    props: { item, credits: 1000, ...paid, expiresAt: inAWeek, timeZone },
  })),
  {
    template: "purchase-received",
    props: { item: "pack-basic", credits: 1, ...paid, expiresAt: null, timeZone },
  },
  {
    template: "purchase-received",
    props: {
      item: "pro-yearly",
      credits: 1000,
      ...paid,
      expiresAt: null,
      creditsFrom: inAWeek,
      timeZone,
    },
  },
  ...(["pro-monthly", "pro-yearly"] as const).map((item) => ({
    template: "purchase-received" as const,
    props: {
      item,
      credits: 1000,
      ...paid,
      expiresAt: inAWeek,
      periodUntil: inAWeek,
      timeZone,
    },
  })),
  {
    template: "payment-failed",
    props: { item: "pro-yearly", ...paid, nextAttemptAt: inAWeek, timeZone },
  },
  {
    template: "payment-failed",
    props: { item: "pro-monthly", ...paid, nextAttemptAt: null, timeZone },
  },
  ...BILLING_EVENTS.flatMap((event) =>
    [true, false].map((endsPlan) => ({
      template: "billing-change" as const,
      props: { event, item: "pro-yearly", ...paid, endsPlan },
    })),
  ),
  ...(["month", "year"] as const).map((interval) => ({
    template: "price-change" as const,
    props: {
      item: interval === "month" ? "pro-monthly" : "pro-yearly",
      interval,
      currency: "usd",
      before: { amountCents: 990, credits: 1000 },
      after: { amountCents: 1190, credits: 1200 },
      effectiveAt: inAWeek,
      timeZone,
    },
  })),
  {
    template: "payment-confirmation",
    props: {
      item: "pro-monthly",
      ...paid,
      invoiceUrl: "https://invoice.stripe.com/i/acct_1/test_1",
    },
  },
  {
    template: "payment-confirmation",
    props: { item: "pro-yearly", ...paid, invoiceUrl: null },
  },
  ...(["started", "ending", "refused"] as const).flatMap((event) =>
    [500, null].map((amountCents) => ({
      template: "trial" as const,
      props: {
        item: "pro-monthly",
        event,
        endsAt: inAWeek,
        amountCents,
        currency: "usd",
        timeZone,
      },
    })),
  ),
  {
    template: "duplicate-subscription-refunded",
    props: { item: "pro-yearly", ...paid, balanceCents: 0 },
  },
  {
    template: "duplicate-subscription-refunded",
    props: { item: "pro-yearly", ...paid, balanceCents: 500 },
  },
  {
    template: "duplicate-subscription-refunded",
    props: { item: "lifetime", ...paid, balanceCents: 0 },
  },
  {
    template: "duplicate-subscription-refunded",
    props: { item: "pro-yearly", ...paid, amountCents: 0, balanceCents: 0 },
  },
  ...[false, true].map((isSwitch) => ({
    template: "late-payment-refunded" as const,
    props: { item: "pro-yearly", ...paid, balanceCents: 500, isSwitch },
  })),
  ...[{ amountCents: 693, currency: "usd" }, null].map((refund) => ({
    template: "withdrawal-received" as const,
    props: {
      name: "Mei Lin",
      email: "mei@people.example",
      purchase: "Basic pack, 1 Mar 2026, cs_1",
      submittedAt: inAWeek,
      timeZone,
      days: 14,
      refund,
    },
  })),
  {
    template: "renewal-notice",
    props: { item: "pro-yearly", ...paid, renewsAt: inAWeek, timeZone },
  },
  {
    template: "purchase-received",
    props: {
      item: "pack-basic",
      credits: 100,
      ...paid,
      expiresAt: inAWeek,
      timeZone,
      consent: { text: "I ask QiFlow to supply the credits immediately.", consentedAt: inAWeek },
    },
  },
  { template: "refund-failed", props: { item: "pro-yearly", ...paid } },
  {
    template: "credits-expiring",
    props: {
      timeZone,
      lots: [
        { credits: 70, expiresAt: inAWeek },
        { credits: 50, expiresAt: "2026-03-07T20:00:00.000Z" },
      ],
    },
  },
  { template: "low-balance", props: { available: 5, cost: 10 } },
  {
    template: "key-limit",
    props: {
      limit: 500,
      resetsAt: "2026-04-01T00:00:00.000Z",
      timeZone: "Asia/Shanghai",
    },
  },
  { template: "account-deleted", props: {} },
  {
    template: "admin-alert",
    props: { title: "Distribution: 6% failed", lines: ["Run 1.", "Run 2."] },
  },
];
