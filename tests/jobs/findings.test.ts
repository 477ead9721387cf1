import { asc } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { distributionRun } from "@/ledger/distribution/schema";
import { openReconciliation, reconcileBooks } from "@/ledger/reconcile";
import { reconciliation } from "@/ledger/schema";
import { makeUser } from "../admin/factories";
import { ADMINS, type AlertServices, startAlertServices } from "../alerts/alert-services";
import { FIRST_DUE, seedDueUsers } from "../ledger/distribution/due-users";
import { poisonLots } from "../ledger/distribution/poison";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";

let services: AlertServices;
let test: TestDatabase;
let notifyFindings: typeof import("@/jobs/findings").notifyFindings;

beforeAll(async () => {
  services = await startAlertServices();
  stubEnvironment({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", ...services.environment });
  ({ notifyFindings } = await import("@/jobs/findings"));
});
beforeEach(async () => {
  services.clear();
  services.status = 200;
  test = await createTestDatabase();
  return () => test.close();
});
afterAll(() => services.close());

const chatMessages = () => services.chat().map(({ body }) => JSON.parse(body));
const alertKeys = async () => {
  const entries = await test.db.select().from(outbox).orderBy(asc(outbox.idempotencyKey));
  return entries.filter(({ kind }) => kind === "alert").map((entry) => entry.idempotencyKey);
};

describe("notifyFindings after a distribution", () => {
  const task = () => ({ now: FIRST_DUE, deadlineMs: performance.now() + 60_000 });
  const notifyAt = (now: Date) => notifyFindings(test.db, { now });

  async function distribute() {
    const run = await distributeCredits(test.db, task());
    await notifyAt(FIRST_DUE);
    return run;
  }

  /** Seeds 100 due users; the grants of `failing` of them fail. */
  async function seed(failing: number): Promise<void> {
    await seedDueUsers(test, { count: 100 - failing });
    await seedDueUsers(test, { count: failing, prefix: "poison" });
    await poisonLots(test);
  }

  it("alerts every channel when more than 5% of the users failed", async () => {
    await seed(6);
    const run = await distribute();
    expect(run).toMatchObject({ status: "done", processedCount: 94, errorCount: 6 });
    const subject = "Distribution failed for 6 of 100 users";
    expect(chatMessages()).toMatchObject([
      { text: subject, facts: { runId: run.id, users: 100, errors: 6 } },
    ]);
    expect(services.sentry()).toHaveLength(1);
    expect(services.sentry()[0]?.body).toContain(subject);
    const channels = [...ADMINS.map((_, index) => `mail-${index + 1}`), "sentry", "webhook"];
    expect(await alertKeys()).toEqual(
      channels.map((channel) => `alert:distribution:${run.id}:${channel}`),
    );
  });

  it.each([0, 1, 5])("sends no alert when %i of 100 users failed", async (failing) => {
    await seed(failing);
    expect(await distribute()).toMatchObject({
      status: "done",
      errorCount: failing,
      alertedAt: null,
    });
    expect(services.chat()).toEqual([]);
    expect(await alertKeys()).toEqual([]);
  });

  it("alerts once per run, however many calls it took", async () => {
    await seed(6);
    const { id } = await distributeCredits(test.db, { now: FIRST_DUE, deadlineMs: 0 });
    const results = await Promise.all([distribute(), distribute(), distribute()]);
    expect(results.map((result) => result.id)).toContain(id);
    const runs = await test.db.select().from(distributionRun);
    const failedRuns = runs.filter(({ errorCount }) => errorCount > 0);
    expect(services.chat()).toHaveLength(failedRuns.length);
    expect(services.chat().filter(({ body }) => body.includes(id))).toHaveLength(1);
  });

  it("alerts once about a run that a command finished", async () => {
    await seed(6);
    await distributeCredits(test.db, task());
    expect(await alertKeys()).toEqual([]);
    await Promise.all([1, 2, 3].map(() => notifyAt(FIRST_DUE)));
    expect(services.chat()).toHaveLength(1);
    expect(await alertKeys()).toHaveLength(4);
  });

  it("sends the alert later when every channel rejects it", async () => {
    services.status = 500;
    await seed(6);
    expect(await distribute()).toMatchObject({ status: "done", errorCount: 6 });
    expect(services.chat()).toHaveLength(1);
    expect(await alertKeys()).toHaveLength(4);
    services.status = 200;
    services.clear();
    await notifyAt(new Date(FIRST_DUE.getTime() + 60_000));
    expect(services.chat()).toHaveLength(1);
  });

  it("raises the alert later when the outbox cannot be written", async () => {
    await seed(6);
    await test.ownerSql`alter table outbox rename to outbox_elsewhere`;
    expect(await distribute()).toMatchObject({ status: "done", errorCount: 6, alertedAt: null });
    expect(services.chat()).toEqual([]);
    await test.ownerSql`alter table outbox_elsewhere rename to outbox`;
    await notifyAt(FIRST_DUE);
    expect(services.chat()).toHaveLength(1);
  });
});

describe("notifyFindings after a reconciliation", () => {
  const NOW = new Date("2026-05-10T12:00:00Z");
  const minutesAfter = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

  beforeEach(async () => {
    for (const id of ["ann", "ben", "cas"]) await makeUser(test.db, { id, createdAt: NOW });
  });

  const drift = (...users: string[]) =>
    test.ownerSql`update credit_account set balance = balance + 1 where user_id in ${test.ownerSql(users)}`;

  async function reconcile(now = NOW, deadlineMs = performance.now() + 60_000) {
    const result = await reconcileBooks(test.db, { now, deadlineMs });
    const stoppedReconciliationId = result.finishedAt === null ? result.id : undefined;
    await notifyFindings(test.db, { now, stoppedReconciliationId });
    return result;
  }

  /** One batch of a reconciliation whose process is killed afterwards. */
  async function reconcileOneBatch(users: number): Promise<string> {
    const { id } = await openReconciliation(test.db, NOW);
    await test.sql`select credits_reconcile_batch(${id}, ${users}, ${NOW})`;
    return id;
  }

  it("alerts every channel about drift and names the first users", async () => {
    await drift("ann", "cas");
    const { id } = await reconcile();
    expect(chatMessages()).toEqual([
      {
        text: "The books of 2 of 3 users do not balance",
        facts: { reconciliationId: id, firstUsers: "ann, cas" },
      },
    ]);
    expect(services.sentry()).toHaveLength(1);
    const emails = await test.sql`select payload ->> 'to' as "to" from outbox
      where payload ->> 'channel' = 'mail' and status = 'done' order by 1`;
    expect(emails.map((email) => email.to)).toEqual(ADMINS);
    await notifyFindings(test.db, { now: minutesAfter(5) });
    expect(services.chat()).toHaveLength(1);
  });

  it("sends no alert when the books balance", async () => {
    await reconcile();
    expect(services.chat()).toEqual([]);
  });

  it("alerts once per reconciliation, however many calls it took", async () => {
    await drift("ben");
    await Promise.all([1, 2, 3, 4].map(() => reconcile()));
    const reconciliations = await test.db.select().from(reconciliation);
    for (const { id } of reconciliations) {
      const alerts = chatMessages().filter(({ facts }) => facts.reconciliationId === id);
      expect(alerts).toHaveLength(1);
    }
    expect(services.chat()).toHaveLength(reconciliations.length);
  });

  it("reports the users found before the deadline, and later only new ones", async () => {
    await drift("ann", "cas");
    const id = await reconcileOneBatch(2);
    expect(await reconcile(NOW, performance.now())).toMatchObject({ id, finishedAt: null });
    expect(chatMessages().map(({ facts }) => facts.firstUsers)).toEqual(["ann"]);
    await reconcile(minutesAfter(5));
    expect(chatMessages().map(({ facts }) => facts.firstUsers)).toEqual(["ann", "cas"]);
  });

  it("reports the users of a killed reconciliation once it counts as interrupted", async () => {
    await drift("ann");
    await reconcileOneBatch(2);
    await notifyFindings(test.db, { now: minutesAfter(9) });
    expect(services.chat()).toEqual([]);
    await notifyFindings(test.db, { now: minutesAfter(11) });
    await notifyFindings(test.db, { now: minutesAfter(16) });
    expect(chatMessages().map(({ text }) => text)).toEqual([
      "The books of 1 of 2 users do not balance",
    ]);
  });

  it("sends the alert later when no channel accepts it", async () => {
    await drift("ann");
    services.status = 500;
    await reconcile();
    services.status = 200;
    services.clear();
    await notifyFindings(test.db, { now: minutesAfter(2) });
    expect(services.chat()).toHaveLength(1);
  });
});
