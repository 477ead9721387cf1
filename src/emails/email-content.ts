import { z } from "zod";
import { LOCALES } from "@/lib/locales";

/** What can be bought, as an e-mail names it. */
const item = z.enum([
  "pro-monthly",
  "pro-yearly",
  "lifetime",
  "pack-basic",
  "pack-standard",
  "pack-premium",
  "pack-enterprise",
]);
const name = z.string();
const credits = z.int().positive();
const money = { amountCents: z.int().nonnegative(), currency: z.string().length(3) };
/** Instants travel through JSON as ISO strings. */
const instant = z.iso.datetime();
/** The reader's IANA zone: "tomorrow" is theirs. Mails stored before they named one were in UTC. */
const timeZone = z.string().default("UTC");

/**
 * The e-mails we send and what each needs to say. The only props named `url` are links that prove
 * something about their reader (verify, reset): they are forgotten once the mail has been sent.
 */
export const emailContent = z.discriminatedUnion("template", [
  z.object({
    template: z.literal("verify-email"),
    props: z.object({ name, url: z.url(), validHours: z.int().positive() }),
  }),
  z.object({
    template: z.literal("reset-password"),
    props: z.object({ name, url: z.url(), validMinutes: z.int().positive() }),
  }),
  z.object({
    template: z.literal("purchase-received"),
    /**
     * `expiresAt` is when the credits of this purchase expire; null = never. `creditsFrom`: they are
     * still to come, the first on this day (a switch of plans while a month is running).
     */
    props: z.object({
      ...{ name, item, credits, ...money, timeZone },
      expiresAt: instant.nullable(),
      creditsFrom: instant.optional(),
    }),
  }),
  z.object({
    template: z.literal("payment-failed"),
    props: z.object({ name, item, ...money, nextAttemptAt: instant.nullable(), timeZone }),
  }),
  z.object({
    template: z.literal("duplicate-subscription-refunded"),
    props: z.object({ name, item, ...money }),
  }),
  z.object({
    template: z.literal("credits-expiring"),
    props: z.object({
      name,
      lots: z.array(z.object({ credits, expiresAt: instant })).min(1),
      timeZone,
    }),
  }),
  z.object({
    template: z.literal("low-balance"),
    props: z.object({ name, available: z.int().nonnegative(), readingCost: credits }),
  }),
  z.object({ template: z.literal("account-deleted"), props: z.object({ name }) }),
  z.object({
    template: z.literal("admin-alert"),
    props: z.object({ title: z.string(), lines: z.array(z.string()) }),
  }),
]);

export type EmailContent = z.output<typeof emailContent>;
export type EmailTemplate = EmailContent["template"];
export type EmailPropsOf<T extends EmailTemplate> = Extract<EmailContent, { template: T }>["props"];
export type EmailItem = z.output<typeof item>;

/**
 * Any address that could be one: whether it takes mail is the post's to say. What is stricter refuses
 * addresses that people do have, and with them what the mail goes with, a purchase for example.
 */
const address = z.string().regex(/^[^\s@]+@[^\s@]+$/);

/** The letters with such a link: a second one would lead nowhere. */
export const PROVING_TEMPLATES = ["verify-email", "reset-password"] as const;

/** An e-mail as its outbox row keeps it. */
export const storedEmail = z.intersection(
  z.object({ to: address, locale: z.enum(LOCALES) }),
  emailContent,
);
export type StoredEmail = z.output<typeof storedEmail>;

/** What a list of the outbox may show of any row, also of one whose secrets were forgotten. */
export const emailSummary = z.object({
  template: z.string(),
  to: z.string().optional(),
  locale: z.enum(LOCALES).optional(),
});
