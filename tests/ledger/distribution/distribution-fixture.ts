import { asc, eq } from "drizzle-orm";
import type { Database, Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { type DistributionRun, distributeCredits } from "@/ledger/distribution/distribute";
import { grantLifetimeStart, grantYearlyStart, openCreditAccount } from "@/ledger/grant";
import { creditLot, creditSchedule } from "@/ledger/schema";

/** Parses a day (10:00 UTC) or an instant. Expected instants are literals, not computed by the code under test. */
export const at = (text: string) => new Date(text.length === 10 ? `${text}T10:00:00Z` : text);

/** Formats an instant: the day alone at 10:00 UTC, else in full. */
export function shown(instant: Date | null): string | null {
  return instant === null ? null : instant.toISOString().replace("T10:00:00.000Z", "");
}

/** Longer than any test. */
const DEADLINE_MS = 120_000;

/** Writes and reads of the distribution tests. */
export class DistributionFixture {
  constructor(readonly db: Database) {}

  signUp(userId: string, day: string): Promise<void> {
    return this.write((tx) => openCreditAccount(tx, { userId, now: at(day) }));
  }

  /** Buys a lifetime: 1000 a month from `day`. `bookedOn`: when its event was processed. */
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

  /** Pays a yearly invoice for the time from `day` to `until`. */
  async buyYear(
    userId: string,
    invoiceId: string,
    day: string,
    until: string,
    { bookedOn = day }: { bookedOn?: string } = {},
  ): Promise<void> {
    await this.write((tx) =>
      grantYearlyStart(tx, {
        userId,
        invoiceId,
        subscriptionId: `sub_${userId}`,
        credits: 1000,
        anchorAt: at(day),
        endsAt: at(until),
        now: at(bookedOn),
      }),
    );
  }

  /** Inserts a payment that makes its owner a paid member from `from` to `until`. */
  async becomeMember(userId: string, from: string, until: string): Promise<void> {
    await this.db.insert(payment).values({
      userId,
      id: `invoice:in_${userId}_${from}`,
      item: "pro-monthly",
      priceId: "price_pro",
      amountCents: 990,
      currency: "usd",
      credits: 1000,
      paidAt: at(from),
      memberFromAt: at(from),
      memberUntilAt: at(until),
    });
  }

  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** Runs the daily distribution to its end. */
  async run(day: string): Promise<DistributionRun> {
    return distributeCredits(this.db, {
      now: at(day),
      deadlineMs: performance.now() + DEADLINE_MS,
    });
  }

  /** Lists a user's schedules as `signup n=2 due 2026-03-31`. */
  async schedules(userId: string): Promise<string[]> {
    const rows = await this.db
      .select()
      .from(creditSchedule)
      .where(eq(creditSchedule.userId, userId))
      .orderBy(asc(creditSchedule.id));
    return rows.map((row) => `${row.id} n=${row.nextN} due ${shown(row.nextDueAt) ?? "never"}`);
  }

  /** Lists the lots granted since `since` as `signup 50 until 2026-03-02`, in booking order. */
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
