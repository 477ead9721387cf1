import { asc } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { distributionRun } from "@/ledger/distribution/schema";
import { ADMINS, type AlertServices, startAlertServices } from "../alerts/alert-services";
import { FIRST_DUE, seedDueUsers } from "../ledger/distribution/due-users";
import { poisonLots } from "../ledger/distribution/poison";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";

let services: AlertServices;
let test: TestDatabase;
let jobs: typeof import("@/jobs/run-distribution") & typeof import("@/alerts/alert-of-findings");

beforeAll(async () => {
  services = await startAlertServices();
  stubEnvironment({
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    ...services.environment,
  });
  jobs = {
    ...(await import("@/jobs/run-distribution")),
    ...(await import("@/alerts/alert-of-findings")),
  };
});
beforeEach(async () => {
  services.forget();
  services.status = 200;
  test = await createTestDatabase();
});
afterEach(() => test.close());
afterAll(() => services.close());

/** 100 users to whom a month is due, of whom the grants of `failing` fail. */
async function seed(failing: number): Promise<void> {
  await seedDueUsers(test, { count: 100 - failing });
  await seedDueUsers(test, { count: failing, prefix: "poison" });
  await poisonLots(test);
}

const work = () => ({ now: FIRST_DUE, deadlineMs: performance.now() + 60_000 });
const run = () => jobs.runDistribution(test.db, work());
const lettersTo = async () => {
  const rows = await test.db.select().from(outbox).orderBy(asc(outbox.idempotencyKey));
  return rows.filter((row) => row.kind === "alert").map((row) => row.idempotencyKey);
};

describe("a run of which more than 5% fails", () => {
  it("alerts every channel", async () => {
    await seed(6);
    const done = await run();
    expect(done).toMatchObject({ status: "done", processedCount: 94, errorCount: 6 });
    const subject = "Distribution failed for 6 of 100 users";
    expect(services.chat()).toHaveLength(1);
    expect(JSON.parse(services.chat()[0]?.body ?? "")).toMatchObject({
      text: subject,
      facts: { runId: done.id, users: 100, errors: 6 },
    });
    expect(services.sentry()).toHaveLength(1);
    expect(services.sentry()[0]?.body).toContain(subject);
    const to = [...ADMINS, "sentry", "webhook"];
    expect(await lettersTo()).toEqual(to.map((name) => `alert:distribution:${done.id}:${name}`));
  });

  it("alerts once, however many calls worked on it", async () => {
    await seed(6);
    const { id } = await distributeCredits(test.db, { now: FIRST_DUE, deadlineMs: 0 });
    const answers = await Promise.all([run(), run(), run()]);
    expect(answers.map((answer) => answer.id)).toContain(id);
    const runs = await test.db.select().from(distributionRun);
    const failing = runs.filter(({ errorCount }) => errorCount > 0).length;
    expect(services.chat()).toHaveLength(failing);
    expect(services.chat().filter(({ body }) => body.includes(id))).toHaveLength(1);
  });

  it("that a command finished is alerted of by whoever looks next, once", async () => {
    await seed(6);
    await distributeCredits(test.db, work());
    expect(await lettersTo()).toEqual([]);
    await Promise.all([1, 2, 3].map(() => jobs.tellFindings(test.db, { now: FIRST_DUE })));
    expect(services.chat()).toHaveLength(1);
    expect(await lettersTo()).toHaveLength(4);
  });

  it("is done all the same when every service refuses the alert, which is sent later", async () => {
    services.status = 500;
    await seed(6);
    expect(await run()).toMatchObject({ status: "done", errorCount: 6 });
    expect(services.chat()).toHaveLength(1);
    expect(await lettersTo()).toHaveLength(4);
    services.status = 200;
    services.forget();
    await jobs.tellFindings(test.db, { now: new Date(FIRST_DUE.getTime() + 60_000) });
    expect(services.chat()).toHaveLength(1);
  });

  it("is done all the same when no alert can be written, and is alerted of when one can", async () => {
    await seed(6);
    await test.ownerSql`alter table outbox rename to outbox_elsewhere`;
    expect(await run()).toMatchObject({ status: "done", errorCount: 6, alertedAt: null });
    expect(services.chat()).toEqual([]);
    await test.ownerSql`alter table outbox_elsewhere rename to outbox`;
    await jobs.tellFindings(test.db, { now: FIRST_DUE });
    expect(services.chat()).toHaveLength(1);
  });
});

describe("a run of which 5% or less fails", () => {
  it.each([0, 1, 5])("alerts nobody about %i of 100", async (failing) => {
    await seed(failing);
    expect(await run()).toMatchObject({ status: "done", errorCount: failing, alertedAt: null });
    expect(services.chat()).toEqual([]);
    expect(await lettersTo()).toEqual([]);
  });
});
