import { simulatorCatalogue } from "@qiflow/stripe-simulator/catalogue";
import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { nightlyWork, outbox, stripeEvent } from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { distributionRun } from "@/ledger/distribution/schema";
import { reconciliation } from "@/ledger/schema";
import { setClockOffsetMs } from "@/lib/clock";
import { type AlertServices, startAlertServices } from "../alerts/alert-services";
import { FIRST_DUE, seedDueUsers } from "../ledger/distribution/due-users";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";

const SECRET = "a-secret-of-the-scheduler";
const NIGHTLY = [
  ...["events that never came", "missing schedules", "outstanding credits", "paid members"],
  ...["proof of the daily sums", "reconcile"],
];
let test: TestDatabase;
let services: AlertServices;
let simulator: Simulator;

beforeAll(async () => {
  services = await startAlertServices();
  simulator = await startSimulator({
    ...{ secretKey: "sk_test_distribution", webhookSecret: "whsec_distribution", quiet: true },
    ...{ prices: simulatorCatalogue, retryDelaysMs: [], onClockMoved: async () => {} },
  });
});
beforeEach(async () => {
  services.forget();
  test = await createTestDatabase();
  configure(simulator.apiBase);
  goTo(FIRST_DUE);
  return async () => {
    const { db } = await import("@/db");
    await db.$client.end({ timeout: 5 });
    Reflect.deleteProperty(globalThis, "qiflowDatabase");
    await test.close();
  };
});
afterAll(async () => {
  setClockOffsetMs(0);
  services.close();
  await simulator.close();
});

/** The environment is read when a module is imported: each configuration imports them anew. */
function configure(stripeAt: string): void {
  vi.resetModules();
  stubEnvironment({
    ...{ DATABASE_URL: test.appUrl, STRIPE_API_BASE: stripeAt, CRON_SECRET: SECRET },
    ...{ CRON_JOBS_USERNAME: "scheduler", CRON_JOBS_PASSWORD: "a password" },
    ...services.environment,
  });
}

const minutesOn = (minutes: number) => new Date(FIRST_DUE.getTime() + minutes * 60_000);
const goTo = (at: Date) => setClockOffsetMs(at.getTime() - Date.now());

async function tick(at = FIRST_DUE, deadlineMs = performance.now() + 60_000) {
  goTo(at);
  const { runTick } = await import("@/jobs/run-tick");
  return runTick(test.db, { now: at, deadlineMs });
}

const letter = (key: string, now = FIRST_DUE) =>
  enqueueEmail(test.db, {
    ...{ template: "account-deleted", props: { name: "Mei" }, key, userId: null },
    ...{ to: "mei@example.com", locale: "en", now },
  });
const statusOf = async (key: string) => {
  const where = eq(outbox.idempotencyKey, key);
  return (await test.db.select().from(outbox).where(where))[0]?.status;
};
const paidSession = (id: string) =>
  test.db.insert(stripeEvent).values({
    ...{ id, type: "checkout.session.completed", objectId: `cs_${id}`, livemode: false },
    createdAt: FIRST_DUE,
    ...{ apiVersion: "2026-10-28.endive", receivedAt: FIRST_DUE, nextAttemptAt: FIRST_DUE },
    payload: {
      ...{ id, object: "event", type: "checkout.session.completed", created: 1, livemode: false },
      ...{ api_version: "2026-10-28.endive", data: { object: { id: `cs_${id}` } } },
    },
  });
const nightlyDone = async () => {
  const rows = await test.db.select().from(nightlyWork).where(sql`done_at is not null`);
  return rows.map((row) => row.name).sort();
};

describe("the tick", () => {
  it("does all its pieces: mails, what expired, and what is nightly", async () => {
    await letter("due");
    expect(await tick()).toEqual({ failed: [] });
    expect(await statusOf("email:due")).toBe("done");
    expect(await nightlyDone()).toEqual(NIGHTLY);
    expect(await test.db.$count(reconciliation)).toBe(1);
  });

  it("is stopped by no piece that fails, and says which", async () => {
    await letter("due");
    await test.ownerSql`drop table expiry_reminder`;
    await test.ownerSql`drop function credits_repair_batch`;
    expect(await tick()).toEqual({ failed: ["reminders", "missing schedules"] });
    expect(await statusOf("email:due")).toBe("done");
    expect(await nightlyDone()).toEqual(NIGHTLY.filter((name) => name !== "missing schedules"));
  });

  it("does the night's work once a night, a failing piece alone being tried again", async () => {
    const { db } = test;
    await test.ownerSql`alter table outstanding_count rename to outstanding_count_elsewhere`;
    expect(await tick()).toEqual({ failed: ["outstanding credits"] });
    await test.ownerSql`alter table outstanding_count_elsewhere rename to outstanding_count`;
    expect(await tick(minutesOn(5))).toEqual({ failed: [] });
    await Promise.all([1, 2, 3].map(() => tick(minutesOn(10))));
    expect(await db.$count(reconciliation)).toBe(1);
    const { outstandingCount } = await import("@/ledger/reports/schema");
    expect(await db.$count(outstandingCount)).toBe(1);
    // The scheduler comes a minute earlier than yesterday.
    await tick(minutesOn(24 * 60 - 1));
    expect(await db.$count(reconciliation)).toBe(2);
    expect(await db.$count(outstandingCount)).toBe(2);
  });

  it("finishes a distribution that was left", async () => {
    await seedDueUsers(test, { count: 20 });
    await distributeCredits(test.db, { now: FIRST_DUE, deadlineMs: 0 });
    await tick(minutesOn(5));
    const runs = await test.db.select().from(distributionRun);
    expect(runs).toMatchObject([{ status: "done", processedCount: 20 }]);
  });

  it("begins nothing after its deadline, and yet tells what is stuck", async () => {
    await letter("stuck", minutesOn(-90));
    expect(await tick(FIRST_DUE, performance.now())).toEqual({ failed: [] });
    expect(await statusOf("email:stuck")).toBe("pending");
    expect(await nightlyDone()).toEqual([]);
    expect(services.chat().map(({ body }) => JSON.parse(body).text)).toEqual([
      "The outbox has been stuck for more than an hour",
    ]);
  });

  it("tells each piece the instant at which it begins", async () => {
    const begun: number[] = [];
    const piece = async (_: unknown, { now }: { now: Date }) => {
      begun.push(now.getTime());
      await new Promise((resolve) => setTimeout(resolve, 60));
    };
    const { runTick } = await import("@/jobs/run-tick");
    const deadlineMs = performance.now() + 60_000;
    await runTick(test.db, { now: FIRST_DUE, deadlineMs }, { one: piece, other: piece });
    const [one = 0, other = 0] = begun;
    expect(one).toBeGreaterThanOrEqual(FIRST_DUE.getTime());
    expect(other - one).toBeGreaterThanOrEqual(59);
  });

  it("judges last: what it has just done is not told as stuck", async () => {
    await letter("was stuck", minutesOn(-90));
    await tick();
    expect(await statusOf("email:was stuck")).toBe("done");
    expect(services.chat()).toEqual([]);
  });

  it("asks a Stripe that is away once a queue, and does all else", async () => {
    configure("http://127.0.0.1:9");
    for (const id of ["evt_1", "evt_2", "evt_3"]) await paidSession(id);
    await letter("due");
    const { failed } = await tick();
    expect(failed).toEqual(["events that never came"]);
    const events = await test.db.select().from(stripeEvent);
    // The queues are worked twice, and each time one event finds out.
    expect(events.map(({ attempts }) => attempts).sort()).toEqual([0, 1, 1]);
    expect(await statusOf("email:due")).toBe("done");
    expect(await test.db.$count(reconciliation)).toBe(1);
  });
});

describe("GET /api/jobs/tick", () => {
  const get = async (authorization: string | null) => {
    const { GET } = await import("@/app/api/jobs/tick/route");
    const headers = authorization === null ? {} : { authorization };
    return GET(new Request("http://localhost:3000/api/jobs/tick", { headers }));
  };

  it.each([
    ["its bearer secret", `Bearer ${SECRET}`],
    ["its Basic credentials", `Basic ${btoa("scheduler:a password")}`],
  ])("lets in the scheduler by %s", async (_what, authorization) => {
    await letter("due");
    const response = await get(authorization);
    expect([response.status, await response.json()]).toEqual([200, { failed: [] }]);
    expect(await statusOf("email:due")).toBe("done");
  });

  it.each([[null], ["Bearer another-secret"], [`Basic ${btoa("scheduler:another")}`]])(
    "answers 401 to %s, doing nothing",
    async (authorization) => {
      await letter("due");
      expect((await get(authorization)).status).toBe(401);
      expect(await statusOf("email:due")).toBe("pending");
    },
  );

  it("answers 500 with the names when a piece failed", async () => {
    await test.ownerSql`drop table expiry_reminder`;
    const response = await get(`Bearer ${SECRET}`);
    expect([response.status, await response.json()]).toEqual([500, { failed: ["reminders"] }]);
  });
});

describe("the daily call when the distribution breaks", () => {
  const get = async () => {
    const { GET } = await import("@/app/api/distribute-credits/route");
    const headers = { authorization: `Bearer ${SECRET}` };
    return GET(new Request("http://localhost:3000/api/distribute-credits", { headers }));
  };

  it("does the tick's work all the same, tells why, and then answers 500", async () => {
    await seedDueUsers(test, { count: 5 });
    await letter("due");
    await test.ownerSql.unsafe(`create or replace function credits_distribute_broken()
      returns trigger language plpgsql as $$ begin raise exception 'no run today'; end $$`);
    await test.ownerSql`create trigger broken before insert on distribution_run
      for each row execute function credits_distribute_broken()`;
    expect((await get()).status).toBe(500);
    expect(await statusOf("email:due")).toBe("done");
    expect(await nightlyDone()).toEqual(NIGHTLY);
    const told = services.chat().map(({ body }) => JSON.parse(body));
    expect(told).toEqual([
      { text: "The daily distribution broke off", facts: { error: "no run today" } },
    ]);
    await get();
    expect(services.chat()).toHaveLength(1);

    await test.ownerSql`drop trigger broken on distribution_run`;
    const response = await get();
    expect(await response.json()).toMatchObject({ done: true, processedCount: 5 });
  });
});
