import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BillingDeps } from "@/billing/deps";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { spendCredits } from "@/ledger/debit";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { reconcileBooks } from "@/ledger/reconcile";
import { now } from "@/lib/clock";
import { signInDaily } from "@/rewards/daily-sign-in";
import type { TestDatabase } from "../../support/database";
import { BillingFixture } from "../billing-fixture";
import { readFinalState } from "../scenarios/final-state";

let fixture: BillingFixture;
let restored: BillingFixture;
let copy: TestDatabase;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(async () => {
  await copy?.close();
  await fixture.close();
});

/** The fixture's reads on another database. */
function onDatabase(database: TestDatabase): BillingFixture {
  const billing: BillingDeps = { ...fixture.billing, db: database.db };
  return Object.create(fixture, { billing: { value: billing }, database: { value: database } });
}

/** What the books say about a user, except spends, sign-ins and what expired. */
async function booksOf(of: BillingFixture, userId: string) {
  const { payments, membership, schedules } = await readFinalState(of, userId);
  const grants = await of.database.ownerSql`
    select idempotency_key as key, type, amount::integer, source from credit_transaction
    where user_id = ${userId} and type not in ('USAGE', 'EXPIRE', 'DAILY_SIGNIN')
    order by idempotency_key`;
  return { payments, membership, schedules, grants: [...grants] };
}

/** The transactions that exist only in the database, so that a restore loses them. */
async function lostOf(of: BillingFixture, userId: string): Promise<string[]> {
  const rows = await of.database.ownerSql<{ type: string; amount: number }[]>`
    select type, amount::integer from credit_transaction
    where user_id = ${userId} and type in ('USAGE', 'DAILY_SIGNIN') order by type::text`;
  return rows.map(({ type, amount }) => `${type} ${amount}`);
}

const distribute = (of: BillingFixture) =>
  distributeCredits(of.db, { now: now(), deadlineMs: Infinity });

async function spendTen(userId: string): Promise<void> {
  const spend = { userId, key: "reading:1", amount: 10, source: "reading:1", now: now() };
  await fixture.db.transaction((tx) => spendCredits(tx, spend));
}

async function chargeOf(userId: string): Promise<string> {
  const [paid] = await fixture.payments(userId);
  if (typeof paid?.paymentIntentId !== "string") throw new Error("The payment has no intent.");
  return paid.paymentIntentId;
}

describe("a database restored from a dump of five days ago", () => {
  it("has the memberships, payments and grants of the history that was never restored", async () => {
    const { control } = fixture;
    const users = {
      buyer: await fixture.signUp(),
      renewing: await fixture.signUp(),
      refunded: await fixture.signUp(),
      partlyRefunded: await fixture.signUp(),
      switching: await fixture.signUp(),
      cancelling: await fixture.signUp(),
      spending: await fixture.signUp(),
    };
    await fixture.buy(users.renewing, "pro-monthly");
    await control.advanceClock({ days: 10 });
    await fixture.buy(users.refunded, "pro-yearly");
    await fixture.buy(users.partlyRefunded, "lifetime");
    const switched = await fixture.subscriptionOf(
      await fixture.buy(users.switching, "pro-monthly"),
    );
    const cancelled = await fixture.subscriptionOf(
      await fixture.buy(users.cancelling, "pro-monthly"),
    );
    await control.advanceClock({ days: 18 });
    await distribute(fixture);
    await backfillEvents(fixture.billing);

    copy = await fixture.database.copy();
    restored = onDatabase(copy);

    await fixture.buy(users.buyer, "pack-basic");
    await spendTen(users.spending);
    await control.advanceClock({ days: 1 });
    await control.refund(await chargeOf(users.refunded));
    await control.refund(await chargeOf(users.partlyRefunded), 9_950);
    await fixture.deliverCalls();
    await control.advanceClock({ days: 1 });
    await control.switchPlan(switched, "price_pro_yearly");
    await fixture.db.transaction((tx) => signInDaily(tx, { userId: users.spending, now: now() }));
    await control.advanceClock({ days: 2 });
    await distribute(fixture);
    await control.cancelSubscription(cancelled, "now");
    await fixture.deliverCalls();
    const late = await fixture.signUp();
    await fixture.buy(late, "pack-basic");
    await control.advanceClock({ days: 1 });
    await distribute(fixture);

    const before = await booksOf(restored, users.renewing);
    expect(before.payments).toHaveLength(1);
    expect((await backfillEvents(restored.billing)).complete).toBe(true);
    await restored.deliverCalls();
    await distribute(restored);
    const { finishedAt, driftedUsers } = await reconcileBooks(restored.db, {
      now: now(),
      deadlineMs: Infinity,
    });
    expect(finishedAt).not.toBeNull();
    expect(driftedUsers).toEqual([]);

    for (const [name, userId] of Object.entries(users)) {
      expect(await booksOf(restored, userId), name).toEqual(await booksOf(fixture, userId));
    }
    const renewed = await booksOf(restored, users.renewing);
    expect(renewed.payments).toHaveLength(2);
    await fixture.expectBalanced();
    await restored.expectBalanced();

    expect(await lostOf(fixture, users.spending)).toEqual(["DAILY_SIGNIN 5", "USAGE -10"]);
    expect(await lostOf(restored, users.spending)).toEqual([]);
    // A purchase of an account created after the dump waits for a decision.
    const sales = await restored.inbox("checkout.session.completed");
    expect(sales.filter(({ status }) => status === "dead").map(({ outcome }) => outcome)).toEqual([
      `names user ${late}, who does not exist`,
    ]);
  }, 300_000);
});
