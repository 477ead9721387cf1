import { asc, eq } from "drizzle-orm";
import type { Database, Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { type DistributionRun, distributeCredits } from "@/ledger/distribution/distribute";
import { grantLifetimeStart, grantYearlyStart, openCreditAccount } from "@/ledger/grant";
import { creditLot, creditSchedule } from "@/ledger/schema";

/** Instants in these tests are written out, so that nothing that is tested computes them. */
export const at = (text: string) => new Date(text.length === 10 ? `${text}T10:00:00Z` : text);

/** The other way round: `2026-02-28` at ten o'clock, or the whole instant. */
export function shown(instant: Date | null): string | null {
  return instant === null ? null : instant.toISOString().replace("T10:00:00.000Z", "");
}

/** More than any test takes. */
const NO_HURRY_MS = 120_000;

/** What a test of distribution does to its users and reads of them. */
export class DistributionFixture {
  constructor(readonly db: Database) {}

  signUp(userId: string, day: string): Promise<void> {
    return this.write((tx) => openCreditAccount(tx, { userId, now: at(day) }));
  }

  /** A lifetime is paid: 1000 a month from `day` on; `bookedOn` if the event came later. */
  async buyLifetime(
    userId: string,
    sessionId: string,
    day: string,
    { credits = 1000, bookedOn = day }: { credits?: number; bookedOn?: string } = {},
  ): Promise<void> {
    const anchorAt = at(day);
    await this.write((tx) =>
      grantLifetimeStart(tx, { userId, sessionId, credits, anchorAt, now: at(bookedOn) }),
    );
  }

  /** A yearly invoice is paid for the time from `day` to `until`. */
  async buyYear(
    userId: string,
    invoiceId: string,
    day: string,
    until: string,
    { bookedOn = day }: { bookedOn?: string } = {},
  ): Promise<void> {
    await this.write((tx) =>
      grantYearlyStart(tx, {
        ...{ userId, invoiceId, subscriptionId: `sub_${userId}`, credits: 1000 },
        ...{ anchorAt: at(day), endsAt: at(until), now: at(bookedOn) },
      }),
    );
  }

  /** A payment that makes its owner a paid member from `from` until `until`. */
  async becomeMember(userId: string, from: string, until: string): Promise<void> {
    await this.db.insert(payment).values({
      ...{ userId, id: `invoice:in_${userId}_${from}`, item: "pro-monthly", priceId: "price_pro" },
      ...{ amountCents: 990, currency: "usd", credits: 1000, paidAt: at(from) },
      ...{ memberFromAt: at(from), memberUntilAt: at(until) },
    });
  }

  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** The daily run, to its end. */
  async run(day: string): Promise<DistributionRun> {
    return distributeCredits(this.db, {
      now: at(day),
      deadlineMs: performance.now() + NO_HURRY_MS,
    });
  }

  /** `signup n=2 due 2026-03-31`, one for each of the user's schedules. */
  async schedules(userId: string): Promise<string[]> {
    const rows = await this.db
      .select()
      .from(creditSchedule)
      .where(eq(creditSchedule.userId, userId))
      .orderBy(asc(creditSchedule.id));
    return rows.map((row) => `${row.id} n=${row.nextN} due ${shown(row.nextDueAt) ?? "never"}`);
  }

  /** `signup 50 until 2026-03-02`: the lots granted on or after `since`, in the order of booking. */
  async lots(userId: string, since = "2000-01-01"): Promise<string[]> {
    const rows = await this.db
      .select()
      .from(creditLot)
      .where(eq(creditLot.userId, userId))
      .orderBy(asc(creditLot.seq));
    return rows
      .filter(({ grantedAt }) => grantedAt >= at(since))
      .map((lot) => `${lot.source} ${lot.amount} until ${shown(lot.expiresAt)}`);
  }
}
