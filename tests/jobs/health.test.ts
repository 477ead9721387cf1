import { randomUUID } from "node:crypto";
import { millisecondsInHour } from "date-fns/constants";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readFunctionSet } from "@/db/function-set";
import { outbox, stripeEvent, withdrawal } from "@/db/schema";
import { lagSeconds, readHealth } from "@/jobs/health";
import { recordTickCall, restartTickCalls } from "@/jobs/tick-calls";
import { distributionRun } from "@/ledger/distribution/schema";
import { reconciliation } from "@/ledger/schema";
import { COUNT_LIMIT } from "@/lib/formats";
import journal from "../../drizzle/meta/_journal.json";
import { makePayment, makeUser } from "../admin/factories";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { makeHealthy } from "./healthy-site";

const now = new Date("2026-05-10T12:00:00Z");
const migrations = journal.entries;
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * millisecondsInHour);
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await makeUser(test.db, { id: "first", createdAt: hoursAgo(100) });
});
afterAll(() => test.close());

beforeEach(() => makeHealthy(test, now));

const insertRun = (at: Date, errorCount = 0) =>
  test.db.insert(distributionRun).values({
    status: "done",
    asOf: at,
    startedAt: at,
    updatedAt: at,
    finishedAt: at,
    errorCount,
  });
type Event = Partial<typeof stripeEvent.$inferInsert>;
const insertEvent = (row: Event) =>
  test.db.insert(stripeEvent).values({
    id: "evt_1",
    type: "x",
    livemode: false,
    payload: {},
    createdAt: now,
    receivedAt: now,
    ...row,
  });
const insertEmail = (row: Partial<typeof outbox.$inferInsert>) =>
  test.db.insert(outbox).values({
    kind: "email",
    idempotencyKey: "an email",
    payload: {},
    createdAt: now,
    nextAttemptAt: now,
    ...row,
  });
const read = (expected = {}) =>
  readHealth(test.db, { now, migrations, functionSet: null, ...expected });
const problems = async () => (await read()).problems;

describe("readHealth", () => {
  it("reports no problems for a healthy site", async () => {
    expect(await read()).toEqual({
      checkedAt: now,
      problems: [],
      pendingMigrations: 0,
      functionsCurrent: null,
      inbox: { pending: 0, waitingSinceAt: null, dead: 0 },
      eventsCompleteUntilAt: hoursAgo(3),
      outbox: { pending: 0, waitingSinceAt: null, dead: 0 },
      lastRun: { finishedAt: hoursAgo(3), failedUsers: 0 },
      lastTickAt: null,
      lastReconciledAt: hoursAgo(3),
      driftedUsers: 0,
      frozenAccounts: 0,
      failingUsers: 0,
      owedPayments: 0,
      overdueWithdrawals: 0,
      unbilledCaptures: 0,
      cappedCaptures: 0,
    });
  });

  it("stops counting a full queue at the limit and finds its oldest row", async () => {
    const since = hoursAgo(5);
    await test.ownerSql`insert into outbox (kind, idempotency_key, payload, created_at, next_attempt_at)
      select (enum_range(null::outbox_kind))[1 + n % 3], 'full:' || n, '{}', ${now},
        ${since}::timestamptz + n * interval '1 second' from generate_series(0, ${COUNT_LIMIT + 50}::int) n`;
    await test.ownerSql`insert into stripe_event (id, type, livemode, payload, status, created_at, received_at)
      select 'full:' || n, 'x', false, '{}', 'dead', ${now}, ${now} from generate_series(0, ${COUNT_LIMIT + 50}::int) n`;
    expect(await read()).toMatchObject({
      outbox: { pending: COUNT_LIMIT + 1, waitingSinceAt: since, dead: 0 },
      inbox: { pending: 0, waitingSinceAt: null, dead: COUNT_LIMIT + 1 },
    });
  });

  it("reports whether the SQL functions are those of this build", async () => {
    const { setHash } = await readFunctionSet(process.cwd());
    expect(await read({ functionSet: setHash })).toMatchObject({
      functionsCurrent: true,
      problems: [],
    });
    expect(await read({ functionSet: "another" })).toMatchObject({
      functionsCurrent: false,
      problems: ["functions_outdated"],
    });
  });

  it("reports migrations of this build that the database lacks", async () => {
    const newer = { when: Math.max(...migrations.map(({ when }) => when)) + 1 };
    const health = await read({ migrations: [...migrations, newer] });
    expect(health).toMatchObject({ pendingMigrations: 1, problems: ["migrations_pending"] });
  });

  it.each([
    ["no run finished for 26 hours", ["daily_run_missed"], 26.1],
    ["a run finished in time", [], 25.9],
  ] as const)("reports whether %s", async (_, expected, hours) => {
    await test.ownerSql`truncate distribution_run`;
    await insertRun(hoursAgo(hours));
    expect(await problems()).toEqual(expected);
  });

  describe("tick_missed", () => {
    const scheduler = async (lastMinutes: number, regularMinutes: number | null) => {
      await recordTickCall(test.db);
      await test.ownerSql`update tick_calls set last_at = now() - ${lastMinutes}::int * interval '1 minute',
        regular_at = now() - ${regularMinutes}::int * interval '1 minute'`;
    };

    it.each([
      ["reports a scheduler that stopped 16 minutes ago", ["tick_missed"], 16, 16],
      ["reports no scheduler that called 14 minutes ago", [], 14, 14],
      ["reports nothing if the tick was only called by hand", [], 600, null],
      ["reports a scheduler that stopped six days ago", ["tick_missed"], 6 * 1440, 6 * 1440],
      ["forgets a scheduler that stopped eight days ago", [], 8 * 1440, 8 * 1440],
    ] as const)("%s", async (_, expected, last, regular) => {
      await scheduler(last, regular);
      expect(await problems()).toEqual(expected);
    });

    it("reports nothing when the embedded server starts again after a night", async () => {
      await scheduler(600, 600);
      await restartTickCalls(test.db);
      expect(await problems()).toEqual([]);
    });
  });

  it("counts from the first user if no job ever ran", async () => {
    await test.ownerSql`truncate distribution_run, reconciliation, stripe_backfill`;
    expect(await problems()).toEqual([
      "daily_run_missed",
      "books_not_reconciled",
      "events_incomplete",
    ]);
  });

  it.each([
    [50, []],
    [51, ["events_incomplete"]],
  ])(
    "reports Stripe's events as incomplete after more than 50 hours (%i)",
    async (hours, expected) => {
      await test.ownerSql`update stripe_backfill set complete_until_at = ${hoursAgo(hours)}`;
      expect(await problems()).toEqual(expected);
    },
  );

  it("ignores a running distribution", async () => {
    await test.ownerSql`update distribution_run set status = 'running', finished_at = null`;
    expect(await problems()).toEqual(["daily_run_missed"]);
  });

  it("reports the drift of the last reconciliation", async () => {
    const drifted = { finishedAt: now, driftedUsers: ["a", "b"], usersChecked: 9 };
    await test.db.insert(reconciliation).values({ startedAt: hoursAgo(1), ...drifted });
    expect(await read()).toMatchObject({ driftedUsers: 2, problems: ["books_drifted"] });
  });

  it("reports frozen accounts, whatever the reason", async () => {
    await test.ownerSql`update credit_account set frozen_at = ${now}`;
    expect(await read()).toMatchObject({ frozenAccounts: 1, problems: ["accounts_frozen"] });
  });

  it("reports payments for which money is owed until it is settled", async () => {
    const refused = { refusal: "second", owedCents: 990, credits: 0 } as const;
    await makePayment(test.db, { userId: "first", id: "invoice:in_1", paidAt: now, ...refused });
    expect(await read()).toMatchObject({ owedPayments: 1, problems: ["money_owed"] });
    await test.ownerSql`update payment set owed_cents = 0, settled_cents = 990`;
    expect(await read()).toMatchObject({ owedPayments: 0, problems: [] });
  });

  it.each([
    ["open for 13 days", "open", 13, []],
    ["open for 15 days", "open", 15, ["withdrawals_overdue"]],
    ["refunded late", "refunded", 15, []],
    ["closed late", "closed", 15, []],
  ] as const)("reports a withdrawal %s by its legal period", async (_, status, days, expected) => {
    await test.db.insert(withdrawal).values({
      id: randomUUID(),
      name: "Mei Lin",
      email: "mei@people.example",
      purchase: "Standard pack",
      locale: "en",
      submittedAt: hoursAgo(days * 24),
      status,
      closedAt: status === "open" ? null : now,
    });
    expect(await problems()).toEqual(expected);
  });

  it("reports users for whom the distribution fails, and the failures of the last run", async () => {
    await insertRun(hoursAgo(1), 2);
    expect(await read()).toMatchObject({ lastRun: { failedUsers: 2 }, problems: [] });
    await test.ownerSql`insert into distribution_failure (user_id, stage, error, since_at, failed_at)
      values ('failing', 'expiry', 'a reason', ${now}, ${now})`;
    expect(await read()).toMatchObject({ failingUsers: 1, problems: ["distribution_failing"] });
  });

  it.each([
    ["a new event", { nextAttemptAt: hoursAgo(0.9) }, []],
    ["a new event", { nextAttemptAt: hoursAgo(1.1) }, ["inbox_stuck"]],
    ["a failing event", { firstAttemptAt: hoursAgo(0.9), nextAttemptAt: now }, []],
    ["a failing event", { firstAttemptAt: hoursAgo(1.1), nextAttemptAt: now }, ["inbox_stuck"]],
    ["a replayed event", { receivedAt: hoursAgo(90), nextAttemptAt: now }, []],
  ])("allows an event an hour: %s, %j", async (_what, row, expected) => {
    await insertEvent(row);
    expect(await problems()).toEqual(expected);
  });

  it.each([
    ["a due entry", { nextAttemptAt: hoursAgo(0.9) }, []],
    ["a due entry", { nextAttemptAt: hoursAgo(1.1) }, ["outbox_stuck"]],
    ["an entry resent by an admin", { createdAt: hoursAgo(90), nextAttemptAt: now }, []],
    ["a bouncing address", { createdAt: hoursAgo(9), nextAttemptAt: hoursAgo(-2) }, []],
  ])("allows an outbox entry an hour after its due time: %s, %j", async (_, row, expected) => {
    await insertEmail(row);
    expect(await problems()).toEqual(expected);
  });

  it("measures lag from the oldest row that is due", async () => {
    await insertEmail({ nextAttemptAt: hoursAgo(0.5) });
    await insertEmail({ idempotencyKey: "later", nextAttemptAt: hoursAgo(-1) });
    const { inbox, outbox: queue } = await read();
    expect([lagSeconds(inbox, now), lagSeconds(queue, now)]).toEqual([0, 1800]);
    await test.ownerSql`delete from outbox where idempotency_key = 'an email'`;
    expect(lagSeconds((await read()).outbox, now)).toBe(0);
  });

  it("counts dead letters, and not those an admin closed", async () => {
    await insertEvent({ status: "dead" });
    await insertEmail({ status: "dead" });
    expect(await read()).toMatchObject({
      inbox: { dead: 1 },
      outbox: { dead: 1 },
      problems: ["dead_events", "dead_outbox"],
    });
    await test.ownerSql`update stripe_event set status = 'closed'`;
    await test.ownerSql`update outbox set status = 'closed'`;
    expect(await problems()).toEqual([]);
  });

  // The last test of the file: its rows are never deleted.
  it("reports captures of the last day that could not charge everything, unless a cap intended it", async () => {
    const unbilled = (hours: number, overrun: "refuse" | "cap" | "charge", reason: string) =>
      test.ownerSql`insert into credit_unbilled
        (user_id, key, hold_key, overrun, requested, amount, reason, balance_after, at)
        values ('first', ${randomUUID()}, 'h', ${overrun}, 9, 2, ${reason}, 0, ${hoursAgo(hours)})`;
    await unbilled(25, "charge", "balance");
    await unbilled(23, "cap", "overrun_policy");
    expect(await read()).toMatchObject({ unbilledCaptures: 0, cappedCaptures: 1, problems: [] });
    // After the lapse of a hold, `cap` does not intend that nothing is charged.
    await unbilled(22, "cap", "balance");
    expect(await read()).toMatchObject({
      unbilledCaptures: 1,
      cappedCaptures: 1,
      problems: ["credits_unbilled"],
    });
    await unbilled(21, "refuse", "overrun_policy");
    expect(await read()).toMatchObject({ unbilledCaptures: 2 });
  });
});
