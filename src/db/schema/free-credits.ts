import { sql } from "drizzle-orm";
import { boolean, check, date, index, pgEnum, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns";

export const freeCreditsReason = pgEnum("free_credits_reason", [
  "returning",
  "network",
  "disposable",
  "debt",
]);

/**
 * Who got the free credits of a sign-up, one row per account. Holds keyed hashes instead of addresses and
 * outlives the account (docs/decisions/0072).
 */
export const freeCreditClaim = pgTable(
  "free_credit_claim",
  {
    userId: text().primaryKey(),
    /** HMAC of the normalized email address. */
    personHash: text().notNull(),
    /** HMAC of the network at sign-up; null if it is unknown or loopback. */
    networkHash: text(),
    /** The UTC day of the sign-up. */
    day: date({ mode: "string" }).notNull(),
    claimedAt: instant().notNull(),
    /** Why something was withheld; stays after it was granted. */
    reason: freeCreditsReason(),
    /** When the sign-up gift was granted; null while it is withheld. */
    giftAt: instant(),
    /** When the free months begin or began; null while they are withheld. */
    monthsFromAt: instant(),
    /** The address of `personHash` was verified at the latest decision, change of address or deletion. */
    verified: boolean().notNull(),
    /** When the account got another address, whose verification says nothing about `personHash`. */
    addressChangedAt: instant(),
    /** When something withheld was granted after all, and the admin who did it (null: the rule). */
    releasedAt: instant(),
    releasedBy: text(),
    /** The latest day with a daily sign-in reward, in the time zone that the user had then. */
    lastSignInDay: date({ mode: "string" }),
    deletedAt: instant(),
  },
  (table) => [
    index("free_credit_claim_person").on(table.personHash),
    index("free_credit_claim_network").on(table.day.desc(), table.networkHash),
    index("free_credit_claim_withheld")
      .on(table.claimedAt.desc(), table.userId)
      .where(sql`reason is not null`),
    index("free_credit_claim_deleted").on(table.deletedAt).where(sql`deleted_at is not null`),
    check(
      "free_credit_claim_reason",
      sql`reason is not null or (gift_at is not null and months_from_at is not null)`,
    ),
  ],
);
