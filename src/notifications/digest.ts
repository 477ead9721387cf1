import { z } from "zod";
import type { EmailToEnqueue } from "@/emails/enqueue-email";
import { DEFAULT_LOCALE, LOCALES } from "@/lib/locales";
import type { NoticeToAdd } from "./add-notices";

/** What a person is told at once about credits that expire soon. */
export const digest = z.object({
  userId: z.string(),
  name: z.string(),
  /** Null when no letter can be sent there: one bad address must not hold up everybody else's mail. */
  email: z.email().nullable().catch(null),
  locale: z.enum(LOCALES).catch(DEFAULT_LOCALE),
  timeZone: z.string(),
  byEmail: z.boolean(),
  inApp: z.boolean(),
  /** The first to expire comes first. */
  lots: z
    .array(
      z.object({
        seq: z.int(),
        credits: z.int().positive(),
        expiresAt: z.coerce.date().transform((at) => at.toISOString()),
      }),
    )
    .min(1),
});
export type Digest = z.output<typeof digest>;

export function digestEmail(told: Digest): EmailToEnqueue | null {
  const { userId, name, email, locale, timeZone, byEmail, lots } = told;
  if (!byEmail || email === null) return null;
  return {
    template: "credits-expiring",
    props: { name, timeZone, lots: lots.map(({ credits, expiresAt }) => ({ credits, expiresAt })) },
    key: `credits-expiring:${userId}:${keyOf(told)}`,
    userId,
    to: email,
    locale,
  };
}

export function digestNotice(told: Digest): NoticeToAdd | null {
  const [first] = told.lots;
  if (!told.inApp || first === undefined) return null;
  const credits = told.lots.reduce((sum, lot) => sum + lot.credits, 0);
  return {
    kind: "credits-expiring",
    facts: { credits, firstExpiresAt: first.expiresAt },
    userId: told.userId,
    key: `credits-expiring:${keyOf(told)}`,
  };
}

/** A lot is in one digest only, so any of its lots names a digest; the first granted does. */
function keyOf({ lots }: Digest): string {
  return `lot:${Math.min(...lots.map((lot) => lot.seq))}`;
}
