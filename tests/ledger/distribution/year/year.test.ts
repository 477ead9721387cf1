import { setTimeout as sleep } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { afterEach, expect, it, vi } from "vitest";
import { createDatabase, type Database, type Transaction } from "@/db/client";
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
import { createTestDatabase, type TestDatabase } from "../../../support/database";
import { DAY_MS } from "../calendar";
import { zonesInForce } from "../zones";
import { expectedBooks, inOrder } from "./expected-ledger";
import { createChance, liveLives, type Scenario, type ScenarioEvent } from "./scenarios";

const YEAR = 2028; // a leap year
const FIRST_RUN = new Date(`${YEAR}-01-01T02:00:00Z`);
const DAYS = 400;
const LAST_RUN = new Date(FIRST_RUN.getTime() + (DAYS - 1) * DAY_MS);
const USERS = 99;
const FOR_EVER = new Date("9999-12-31T00:00:00Z");

let test: TestDatabase;
let victim: Database;

/** A zone with summer time, in which most of these instants are of another day than in UTC. */
const ELSEWHERE = "Australia/Lord_Howe";

async function begin(zone: string): Promise<void> {
  vi.stubEnv("TZ", zone);
  test = await createTestDatabase({ timeZone: zone });
  expect(await zonesInForce(test.sql)).toEqual({ ofProcess: zone, ofDatabase: zone });
  victim = createDatabase(`${test.appUrl}?application_name=victim`, { max: 1 });
  // Whoever is to be killed stands still in the middle of a batch, with rows written.
  await test.ownerSql.unsafe(`
    create function stand_still() returns trigger language plpgsql as $$
    begin
      if current_setting('application_name') = 'victim' then perform pg_sleep(20); end if;
      return null;
    end $$;
    create trigger stand_still after insert on credit_transaction
    for each statement execute function stand_still()`);
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await victim.$client.end({ timeout: 5 });
  await test.close();
});

it.each(["UTC", ELSEWHERE])(
  "gives everybody exactly what is promised over more than a year of accidents, in %s",
  async (zone) => {
    await begin(zone);
    const chance = createChance(Number(process.env.QIFLOW_SEED ?? 1));
    const scenarios = liveLives({ count: USERS, year: YEAR, until: LAST_RUN, chance });
    const { runs, kills } = await live(scenarios, chance);
    expect(kills).toBeGreaterThan(5);
    for (const scenario of scenarios) {
      expect(await booksOf(scenario.userId), `${scenario.userId}, ${scenario.kind}`).toEqual(
        expectedBooks(scenario, runs),
      );
    }
    await expectBooksBalanced(test.sql);
  },
  120_000,
);

/** Day by day: what happens to the users, then the day's calls, if any come. */
async function live(scenarios: readonly Scenario[], chance: () => number) {
  const events = scenarios
    .flatMap((scenario) => scenario.events.map((event) => ({ ...event, userId: scenario.userId })))
    .toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const runs: Date[] = [];
  let kills = 0;
  let next = 0;
  for (let day = 0; day < DAYS; day++) {
    const now = new Date(FIRST_RUN.getTime() + day * DAY_MS);
    for (; next < events.length; next++) {
      const event = events[next];
      if (event === undefined || event.at > now) break;
      await happen(event);
    }
    if (isOutage(day) || chance() < 0.12) continue;
    const luck = chance();
    if (luck < 0.15) kills += await killInTheMiddle(now);
    const callers = luck > 0.85 ? 3 : 1;
    await Promise.all(Array.from({ length: callers }, () => run(test.db, now)));
    if (luck > 0.75) await run(test.db, now);
    runs.push(now);
  }
  return { runs, kills };
}

/** A week in spring, and in autumn longer than a month. */
const isOutage = (day: number) => (day >= 100 && day < 107) || (day >= 250 && day < 287);

async function run(db: Database, now: Date): Promise<void> {
  const { errorCount } = await distributeCredits(db, {
    now,
    deadlineMs: performance.now() + 60_000,
  });
  expect(errorCount).toBe(0);
}

/** Cuts a worker off when it has written and not committed; 0 if it had nothing to write. */
async function killInTheMiddle(now: Date): Promise<number> {
  const ended = run(victim, now).then(
    () => "to its end" as const,
    () => "cut" as const,
  );
  let end: string | undefined;
  void ended.then((how) => {
    end = how;
  });
  while (end === undefined) {
    await test.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'victim' and wait_event = 'PgSleep' and datname = current_database()`;
    await sleep(2);
  }
  return end === "cut" ? 1 : 0;
}

async function booksOf(userId: string) {
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

async function happen(event: ScenarioEvent & { userId: string }): Promise<void> {
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
        await pay(tx, event, now, FOR_EVER);
        const paid = { userId, sessionId: event.source.slice(9), credits: 1000 };
        return grantLifetimeStart(tx, { ...paid, anchorAt: now, now });
      }
      case "end subscription":
        await cutMembership(tx, userId, now);
        return endSchedules(tx, { userId, subscriptionId, endsAt: now });
      case "refund":
      case "lose":
        await cutMembership(tx, userId, FIRST_RUN);
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
      ...{ userId, id: source, item: "any", priceId: "price_any", amountCents: 990, credits: 1000 },
      ...{ currency: "usd", paidAt: now, memberFromAt: from, memberUntilAt: until },
    });
  }
}

async function cutMembership(tx: Transaction, userId: string, untilAt: Date): Promise<void> {
  await tx.update(payment).set({ memberUntilAt: untilAt }).where(eq(payment.userId, userId));
}
