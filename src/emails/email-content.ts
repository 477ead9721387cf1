import { z } from "zod";
import { LOCALES } from "@/lib/locales";
import { BILLING_EVENTS } from "./billing-events";

/** The id of a catalogue item. */
const item = z.string();
const credits = z.int().positive();
/** The part of a refund that goes back to the customer balance. */
const balanceCents = z.int().nonnegative().default(0);
const money = { amountCents: z.int().nonnegative(), currency: z.string().length(3) };
/** `amountCents` of one period, `credits` of one month. */
const priceTerms = z.object({
  amountCents: money.amountCents,
  credits,
  /** How long a month's credits outlast the next due date. Older emails lack it. */
  graceHours: z.int().nonnegative().optional(),
});
/** ISO 8601, because payloads are stored as JSON. */
const instant = z.iso.datetime();
/** The recipient's IANA zone. Emails stored before this field existed used UTC. */
const timeZone = z.string().default("UTC");

/** The consent to immediate supply that the buyer gave, in the words that they saw. */
const consent = z.object({ text: z.string(), consentedAt: instant }).optional();

/** Emails stored by earlier versions call the cost of the main feature `readingCost`. */
function renameReadingCost(props: unknown): unknown {
  if (typeof props !== "object" || props === null || !("readingCost" in props)) return props;
  const { readingCost, ...others } = props;
  return { cost: readingCost, ...others };
}

/** When and from which device a request came. `network` is shortened. */
const device = z.object({
  browser: z.string().nullable(),
  system: z.string().nullable(),
  network: z.string().nullable(),
  at: instant,
  timeZone,
});

/**
 * Every email and the props of its template. A prop named `url` is a secret link (verify, reset):
 * delivery deletes it from the outbox once the email is sent.
 */
const emailContent = z.discriminatedUnion("template", [
  z.object({
    template: z.literal("verify-email"),
    props: z.object({ url: z.url(), validHours: z.int().positive() }),
  }),
  z.object({
    template: z.literal("reset-password"),
    props: z.object({ url: z.url(), validMinutes: z.int().positive() }),
  }),
  z.object({
    /** To the new address. */
    template: z.literal("verify-new-email"),
    props: z.object({ url: z.url(), validHours: z.int().positive() }),
  }),
  /** To the current address, before the change. */
  z.object({ template: z.literal("email-change-requested"), props: z.object({}) }),
  z.object({
    /** A sign-in from a browser that has not signed in to the account before. */
    template: z.literal("new-sign-in"),
    props: device,
  }),
  z.object({ template: z.literal("passkey-added"), props: device }),
  z.object({ template: z.literal("passkey-removed"), props: device }),
  /** To the former address. */
  z.object({ template: z.literal("email-changed"), props: z.object({}) }),
  z.object({
    template: z.literal("purchase-received"),
    props: z.object({
      item,
      credits,
      ...money,
      timeZone,
      /** Null: the credits never expire. */
      expiresAt: instant.nullable(),
      /** Set if the first credits come later: a plan was switched in the middle of a paid month. */
      creditsFrom: instant.optional(),
      /** Set if the subscription had ended: the period runs from the payment until then. */
      periodUntil: instant.optional(),
      consent,
    }),
  }),
  z.object({
    /** A refund, a dispute, the end of a plan or a failed bank debit. */
    template: z.literal("billing-change"),
    props: z.object({ event: z.enum(BILLING_EVENTS), item, ...money, endsPlan: z.boolean() }),
  }),
  z.object({
    template: z.literal("payment-failed"),
    props: z.object({ item, ...money, nextAttemptAt: instant.nullable(), timeZone }),
  }),
  z.object({
    /** The price, the credits or their grace change at a renewal of a subscription. */
    template: z.literal("price-change"),
    props: z.object({
      item,
      interval: z.enum(["month", "year"]),
      currency: money.currency,
      before: priceTerms,
      after: priceTerms,
      effectiveAt: instant,
      timeZone,
    }),
  }),
  z.object({
    template: z.literal("payment-confirmation"),
    props: z.object({
      item,
      ...money,
      /** Stripe's page of the invoice. Null: the billing page. */
      invoiceUrl: z.url().nullable(),
    }),
  }),
  z.object({
    template: z.literal("trial"),
    props: z.object({
      item,
      event: z.enum(["started", "ending", "refused"]),
      endsAt: instant,
      /** The first charge; null if there is none. */
      amountCents: money.amountCents.nullable(),
      currency: money.currency,
      timeZone,
      consent,
    }),
  }),
  z.object({
    /** A second subscription or lifetime. */
    template: z.literal("duplicate-subscription-refunded"),
    props: z.object({ item, ...money, balanceCents }),
  }),
  z.object({
    template: z.literal("late-payment-refunded"),
    props: z.object({
      item,
      ...money,
      balanceCents,
      /** It paid for a switch of plans. */
      isSwitch: z.boolean().default(false),
    }),
  }),
  z.object({
    /** The bank returned our refund of a payment that we refused. The amount is what we owe. */
    template: z.literal("refund-failed"),
    props: z.object({ item, ...money }),
  }),
  z.object({
    /** The receipt of a consumer's statement, with its content. */
    template: z.literal("withdrawal-received"),
    props: z.object({
      name: z.string(),
      email: z.string(),
      purchase: z.string(),
      submittedAt: instant,
      timeZone,
      /** Days within which the law requires the refund. */
      days: z.int().positive(),
      /** What is refunded; null if an admin has to find the purchase first. */
      refund: z.object(money).nullable(),
    }),
  }),
  z.object({
    /** A yearly plan renews soon. */
    template: z.literal("renewal-notice"),
    props: z.object({ item, ...money, renewsAt: instant, timeZone }),
  }),
  z.object({
    template: z.literal("credits-expiring"),
    props: z.object({
      lots: z.array(z.object({ credits, expiresAt: instant })).min(1),
      timeZone,
    }),
  }),
  z.object({
    template: z.literal("low-balance"),
    props: z.preprocess(
      renameReadingCost,
      z.object({ available: z.int().nonnegative(), cost: credits }),
    ),
  }),
  z.object({
    /**
     * A personal key of the API has reached its cap. `resetsAt` null: a cap in total. The key's name was
     * typed by a person, who may not own the address (0073), so the email leaves it out.
     */
    template: z.literal("key-limit"),
    props: z.object({
      limit: z.int().nonnegative(),
      resetsAt: instant.nullable(),
      timeZone,
    }),
  }),
  z.object({ template: z.literal("account-deleted"), props: z.object({}) }),
  z.object({
    template: z.literal("admin-alert"),
    props: z.object({ title: z.string(), lines: z.array(z.string()) }),
  }),
]);

export type EmailContent = z.output<typeof emailContent>;
export type EmailTemplate = EmailContent["template"];
export type EmailPropsOf<T extends EmailTemplate> = Extract<EmailContent, { template: T }>["props"];

/**
 * Deliberately permissive: a stricter check would reject real addresses and with them the receipt of
 * a purchase. The email provider decides whether an address accepts mail.
 */
const address = z.string().regex(/^[^\s@]+@[^\s@]+$/);

/** Emails with a secret link. They cannot be resent: the link is gone once the email is sent. */
export const SECRET_LINK_TEMPLATES = [
  "verify-email",
  "reset-password",
  "verify-new-email",
] as const;

/** The payload of an outbox entry of kind `email`. */
export const storedEmail = z.intersection(
  z.object({ to: address, locale: z.enum(LOCALES) }),
  emailContent,
);
export type StoredEmail = z.output<typeof storedEmail>;
