import { and, eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { spendCredits } from "@/ledger/debit";
import { grantCredits, grantSubscriptionMonth } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { reversePurchase, type SchedulePlan } from "@/ledger/reverse";
import { creditSchedule, creditTransaction } from "@/ledger/schema";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { at, DistributionFixture } from "../distribution/distribution-fixture";

let test: TestDatabase;
let fixture: DistributionFixture;
beforeAll(async () => {
  test = await createTestDatabase();
  fixture = new DistributionFixture(test.db);
});
afterEach(() => expectBooksBalanced(test.ownerSql));
afterAll(() => test.close());

const YEAR_CENTS = 9_900;
const RUNNING = {
  ended: false,
  from: at("2026-01-15"),
  reopens: true,
  until: at("2027-01-15"),
  endsAt: null,
  dispute: "none",
} satisfies SchedulePlan;

/** A purchase whose refunds are applied as billing applies them. */
class Purchase {
  private readonly refunds: { key: string; cents: number; applied: boolean }[] = [];
  private readonly undone: string[] = [];

  constructor(
    readonly userId: string,
    readonly source: string,
    private readonly paidCents = YEAR_CENTS,
    private readonly schedule: SchedulePlan | null = RUNNING,
  ) {}

  get refundedCents(): number {
    return this.refunds.reduce((sum, { cents }) => sum + cents, 0);
  }

  async refund(cents: number, day: string): Promise<void> {
    const key = `refund:re_${this.userId}_${this.refunds.length + this.undone.length + 1}`;
    this.refunds.push({ key, cents, applied: false });
    await this.apply(day);
  }

  /** The latest refund fails. */
  async failRefund(day: string): Promise<void> {
    const failed = this.refunds.pop();
    if (failed === undefined) throw new Error("There is no refund.");
    this.undone.push(failed.key);
    await this.apply(day);
  }

  async apply(day: string): Promise<void> {
    const { userId, source, paidCents, schedule, undone } = this;
    const standing = this.refunds.map((each) => ({ ...each }));
    const reversed = { userId, source, paidCents, schedule, undone, standing, now: at(day) };
    await fixture.write((tx) => reversePurchase(tx, reversed));
    for (const each of this.refunds) each.applied = true;
  }
}

async function buyYear(userId: string): Promise<Purchase> {
  await fixture.buyYear(userId, `in_${userId}`, "2026-01-15", "2027-01-15");
  return new Purchase(userId, `invoice:in_${userId}`);
}

/** What was granted, revoked and restored so far, whether spent, expired or still there. */
async function brought(userId: string): Promise<number> {
  const rows = await test.db
    .select({ amount: creditTransaction.amount })
    .from(creditTransaction)
    .where(
      and(
        eq(creditTransaction.userId, userId),
        sql`${creditTransaction.type} not in ('EXPIRE', 'USAGE')`,
      ),
    );
  return rows.reduce((sum, { amount }) => sum + amount, 0);
}

let spends = 0;

/** Spends all that is available, so that nothing expires unused. */
async function spendAll(userId: string, day: string): Promise<void> {
  const { available: amount } = await getBalance(test.db, { userId, at: at(day) });
  if (amount <= 0) return;
  spends += 1;
  const source = `reading:${spends}`;
  const key = `${source}:spend`;
  await fixture.write((tx) => spendCredits(tx, { userId, key, amount, source, now: at(day) }));
}

const DUE_DAYS = Array.from({ length: 12 }, (_, month) =>
  new Date(Date.UTC(2026, month, 15)).toISOString().slice(0, 10),
);

describe("a year of which 45% are refunded", () => {
  it.each([
    { name: "at once in the first month", refunds: [[0, 4_455]] },
    {
      name: "in three parts",
      refunds: [
        [0, 1_485],
        [4, 1_485],
        [8, 1_485],
      ],
    },
    {
      name: "in odd parts",
      refunds: [
        [1, 7],
        [2, 1_001],
        [2, 3_447],
      ],
    },
    { name: "in the last month", refunds: [[11, 4_455]] },
  ])("brings 12 × 550 credits when they are refunded $name", async ({ name, refunds }) => {
    const userId = `split ${name}`;
    const purchase = await buyYear(userId);
    for (const [month, day] of DUE_DAYS.entries()) {
      if (month > 0) await fixture.run(day);
      await spendAll(userId, day);
      for (const [when, cents = 0] of refunds)
        if (when === month) await purchase.refund(cents, day);
    }
    expect(await brought(userId)).toBe(6_600);
  });
});

describe("a year with refunds of any size at any time, some of which fail", () => {
  const event = fc.oneof(
    fc.record({ refund: fc.integer({ min: 1, max: 3_000 }) }),
    fc.constant("fail" as const),
    fc.constant("nothing" as const),
  );
  let runs = 0;

  it("brings the rounded share of every month that its final refunds leave", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 12, maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        async (events, refundsFirst) => {
          runs += 1;
          const userId = `any ${runs}`;
          const purchase = await buyYear(userId);
          for (const [month, day] of DUE_DAYS.entries()) {
            if (month > 0) await fixture.run(day);
            if (!refundsFirst[month]) await spendAll(userId, day);
            await happen(purchase, events[month] ?? "nothing", day);
            await spendAll(userId, day);
          }
          const kept = Math.round((1000 * (YEAR_CENTS - purchase.refundedCents)) / YEAR_CENTS);
          expect(await brought(userId)).toBe(12 * kept);
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);

  /** Keeps the refunds below a whole one. */
  async function happen(
    purchase: Purchase,
    what: "fail" | "nothing" | { refund: number },
    day: string,
  ): Promise<void> {
    if (what === "nothing") return;
    if (what === "fail") {
      if (purchase.refundedCents > 0) await purchase.failRefund(day);
    } else if (purchase.refundedCents + what.refund <= 9_000) {
      await purchase.refund(what.refund, day);
    }
  }
});

describe("a partial refund", () => {
  it("leaves the rounded share of a pack and of a month", async () => {
    const grants = [
      (userId: string) =>
        fixture.write((tx) =>
          grantCredits(tx, {
            userId,
            key: `checkout:${userId}:pack`,
            amount: 500,
            type: "PURCHASE_PACKAGE",
            source: `invoice:in_${userId}`,
            expiresAt: null,
            paid: true,
            now: at("2026-01-15"),
          }),
        ),
      (userId: string) =>
        fixture.write((tx) =>
          grantSubscriptionMonth(tx, {
            userId,
            invoiceId: `in_${userId}`,
            credits: 500,
            periodEndsAt: at("2026-02-15"),
            now: at("2026-01-15"),
          }),
        ),
    ];
    for (const [nth, grant] of grants.entries()) {
      const userId = `once ${nth}`;
      await grant(userId);
      const purchase = new Purchase(userId, `invoice:in_${userId}`, 990, null);
      await purchase.refund(100, "2026-01-16");
      await purchase.refund(100, "2026-01-17");
      expect(await brought(userId)).toBe(399);
    }
  });

  it("revokes nothing of a month that expired unused and its share of the others", async () => {
    const purchase = await buyYear("unused");
    await fixture.run("2026-02-15");
    await fixture.run("2026-03-18");
    // January's lot and February's have expired; March's 1000 remain.
    await purchase.refund(4_950, "2026-03-19");
    await fixture.run("2026-04-15");
    expect(await fixture.lots("unused", "2026-04-01")).toEqual([
      "invoice:in_unused 500 until 2026-05-17",
    ]);
    expect(await brought("unused")).toBe(3_000 - 500 + 500);
  });

  it("counts each month for itself when an earlier part was drawn from an expired one", async () => {
    const purchase = await buyYear("parts");
    await purchase.refund(990, "2026-01-16");
    for (const day of ["2026-02-15", "2026-03-15", "2026-04-15"]) await fixture.run(day);
    await fixture.run("2026-04-18");
    await purchase.refund(990, "2026-04-19");
    // Only April's 900 are left; they become 800.
    expect(await brought("parts")).toBe(900 + 3 * 900 - 100);
  });

  it("makes up for it in full when it fails, also for months granted meanwhile", async () => {
    const purchase = await buyYear("failed");
    await purchase.refund(4_950, "2026-01-16");
    await fixture.run("2026-02-15");
    await fixture.run("2026-03-15");
    expect(await brought("failed")).toBe(1_500);
    await purchase.failRefund("2026-03-20");
    await purchase.apply("2026-03-21");
    expect(await brought("failed")).toBe(3_000);
    expect(await fixture.lots("failed", "2026-03-19")).toEqual([
      // January's and February's parts have the validity that they had when they were taken.
      "invoice:in_failed 500 until 2026-04-21",
      "invoice:in_failed 500 until 2026-04-19",
      "invoice:in_failed 500 until 2026-04-17",
    ]);
    await purchase.refund(990, "2026-03-22");
    await fixture.run("2026-04-15");
    expect((await fixture.lots("failed", "2026-04-01")).at(-1)).toBe(
      "invoice:in_failed 900 until 2026-05-17",
    );
  });

  it("lets a month pass of which it leaves nothing", async () => {
    await fixture.buyLifetime("nothing", "cs_nothing", "2026-01-15", { credits: 5 });
    const purchase = new Purchase("nothing", "checkout:cs_nothing", 100, null);
    await purchase.refund(92, "2026-01-16");
    const [preview] = await test.db.execute<{ users: string; allotments: string }>(
      sql`select users, allotments from credits_distribution_preview(${at("2026-02-15").toISOString()})`,
    );
    expect(preview?.allotments).toBe("0");
    const run = await fixture.run("2026-02-15");
    expect(run).toMatchObject({ status: "done", errorCount: 0, grantedCredits: 0 });
    expect(await fixture.schedules("nothing")).toEqual(["checkout:cs_nothing n=2 due 2026-03-15"]);
    await purchase.failRefund("2026-02-16");
    await fixture.run("2026-03-15");
    expect((await fixture.lots("nothing", "2026-03-01")).at(-1)).toBe(
      "checkout:cs_nothing 5 until 2026-04-17",
    );
  });

  it("keeps what the schedule was sold with", async () => {
    const purchase = await buyYear("sold");
    await purchase.refund(3_300, "2026-01-16");
    const [schedule] = await test.db
      .select()
      .from(creditSchedule)
      .where(eq(creditSchedule.userId, "sold"));
    expect(schedule).toMatchObject({ credits: 667, reversedCredits: 333 });
  });
});
