import { setTimeout as sleep } from "node:timers/promises";
import { millisecondsInDay } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Database, Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { distributeCredits } from "@/ledger/distribution/distribute";
import {
  grantLifetimeStart,
  grantSubscriptionMonth,
  grantYearlyStart,
  openCreditAccount,
} from "@/ledger/grant";
import {
  endAllSchedules,
  endSchedules,
  resumeSchedules,
  suspendSchedules,
} from "@/ledger/schedules";
import { creditTransaction } from "@/ledger/schema";
import { expectBooksBalanced } from "../../../support/books";
import { connectToDatabase } from "../../../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../../../support/database";
import { effectiveZones } from "../zones";
import { expectedLedger, inOrder } from "./expected-ledger";
import { createRandom, createScenarios, type Scenario, type ScenarioEvent } from "./scenarios";

const YEAR = 2028; // a leap year
const FIRST_RUN = new Date(`${YEAR}-01-01T02:00:00Z`);
const DAYS = 400;
const LAST_RUN = new Date(FIRST_RUN.getTime() + (DAYS - 1) * millisecondsInDay);
const USERS = 99;
const NO_END = new Date("9999-12-31T00:00:00Z");

let test: TestDatabase;
/** A worker whose backend is terminated in the middle of a batch. */
let interrupted: Database;

/** A zone with daylight saving time, in which most of these instants are on another day than in UTC. */
const OTHER_ZONE = "Australia/Lord_Howe";

async function setUp(zone: string): Promise<void> {
  vi.stubEnv("TZ", zone);
  test = await createTestDatabase({ timeZone: zone });
  expect(await effectiveZones(test.sql)).toEqual({ ofProcess: zone, ofDatabase: zone });
  interrupted = connectToDatabase(`${test.directUrl}?application_name=interrupted`, { max: 1 });
  // The interrupted worker pauses in the middle of a batch, with rows written.
  await test.ownerSql.unsafe(`
    create function pause_batch() returns trigger language plpgsql as $$
    begin
      if current_setting('application_name') = 'interrupted' then perform pg_sleep(20); end if;
      return null;
    end $$;
    create trigger pause_batch after insert on credit_transaction
    for each statement execute function pause_batch()`);
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await interrupted.$client.end({ timeout: 5 });
  await test.close();
});

describe("distributeCredits", () => {
  it.each(["UTC", OTHER_ZONE])(
    "grants exactly what is promised over a year with outages and interruptions, in %s",
    async (zone) => {
      await setUp(zone);
      const random = createRandom(Number(process.env.QIFLOW_SEED ?? 1));
      const scenarios = createScenarios({ count: USERS, year: YEAR, until: LAST_RUN, random });
      const { runs, interruptions } = await runYear(scenarios, random);
      expect(interruptions).toBeGreaterThan(5);
      for (const scenario of scenarios) {
        expect(await ledgerOf(scenario.userId), `${scenario.userId}, ${scenario.kind}`).toEqual(
          expectedLedger(scenario, runs),
        );
      }
      await expectBooksBalanced(test.sql);
    },
    120_000,
  );
});

/** Applies each day's events and then its runs, if there are any. */
async function runYear(scenarios: readonly Scenario[], random: () => number) {
  const events = scenarios
    .flatMap((scenario) => scenario.events.map((event) => ({ ...event, userId: scenario.userId })))
    .toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const runs: Date[] = [];
  let interruptions = 0;
  let next = 0;
  for (let day = 0; day < DAYS; day++) {
    const now = new Date(FIRST_RUN.getTime() + day * millisecondsInDay);
    for (; next < events.length; next++) {
      const event = events[next];
      if (event === undefined || event.at > now) break;
      await apply(event);
    }
    if (isOutage(day) || random() < 0.12) continue;
    const chance = random();
    if (chance < 0.15) interruptions += await interruptRun(now);
    const callers = chance > 0.85 ? 3 : 1;
    await Promise.all(Array.from({ length: callers }, () => run(test.db, now)));
    if (chance > 0.75) await run(test.db, now);
    runs.push(now);
  }
  return { runs, interruptions };
}

/** A week in spring and more than a month in autumn. */
const isOutage = (day: number) => (day >= 100 && day < 107) || (day >= 250 && day < 287);

async function run(db: Database, now: Date): Promise<void> {
  const { errorCount } = await distributeCredits(db, {
    now,
    deadlineMs: performance.now() + 60_000,
  });
  expect(errorCount).toBe(0);
}

/** Terminates a worker that has written and not committed. Returns 0 if it had nothing to write. */
async function interruptRun(now: Date): Promise<number> {
  const ended = run(interrupted, now).then(
    () => "finished" as const,
    () => "terminated" as const,
  );
  let end: string | undefined;
  void ended.then((outcome) => {
    end = outcome;
  });
  while (end === undefined) {
    await test.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'interrupted' and wait_event = 'PgSleep' and datname = current_database()`;
    await sleep(2);
  }
  return end === "terminated" ? 1 : 0;
}

async function ledgerOf(userId: string) {
  const rows = await test.db
    .select({
      type: creditTransaction.type,
      amount: creditTransaction.amount,
      source: creditTransaction.source,
      bookedAt: creditTransaction.bookedAt,
      effectiveAt: creditTransaction.effectiveAt,
    })
    .from(creditTransaction)
    .where(eq(creditTransaction.userId, userId));
  return rows.toSorted(inOrder);
}

async function apply(event: ScenarioEvent & { userId: string }): Promise<void> {
  const { userId, at: now } = event;
  const subscriptionId = `sub_${userId}`;
  await test.db.transaction(async (tx) => {
    switch (event.what) {
      case "sign up":
        return openCreditAccount(tx, { userId, now });
      case "pay month": {
        await pay(tx, event, event.from, event.until);
        const paid = { userId, invoiceId: event.source.slice(8), credits: 1000, now };
        return grantSubscriptionMonth(tx, { ...paid, periodEndsAt: event.until });
      }
      case "buy year": {
        await pay(tx, event, now, event.until);
        const paid = { userId, invoiceId: event.source.slice(8), subscriptionId, credits: 1000 };
        return grantYearlyStart(tx, { ...paid, anchorAt: now, endsAt: event.until, now });
      }
      case "buy lifetime": {
        await pay(tx, event, now, NO_END);
        const paid = { userId, sessionId: event.source.slice(9), credits: 1000 };
        return grantLifetimeStart(tx, { ...paid, anchorAt: now, now });
      }
      case "end subscription":
        await endMembership(tx, userId, now);
        return endSchedules(tx, { userId, subscriptionId, endsAt: now });
      case "refund":
      case "lose":
        await endMembership(tx, userId, FIRST_RUN);
        return endSchedules(tx, { userId, source: event.source, endsAt: FIRST_RUN });
      case "dispute":
        return suspendSchedules(tx, { userId, source: event.source, now });
      case "win":
        return resumeSchedules(tx, { userId, source: event.source });
      case "delete account":
        return endAllSchedules(tx, { userId, endsAt: now });
    }
  });

  async function pay(
    tx: Transaction,
    { source }: { source: string },
    from: Date,
    until: Date,
  ): Promise<void> {
    await tx.insert(payment).values({
      userId,
      id: source,
      item: "any",
      priceId: "price_any",
      amountCents: 990,
      credits: 1000,
      currency: "usd",
      paidAt: now,
      memberFromAt: from,
      memberUntilAt: until,
    });
  }
}

async function endMembership(tx: Transaction, userId: string, untilAt: Date): Promise<void> {
  await tx.update(payment).set({ memberUntilAt: untilAt }).where(eq(payment.userId, userId));
}
