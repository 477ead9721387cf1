import { execFile } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openReconciliation, reconcileBooks } from "@/ledger/reconcile";
import { reconciliation } from "@/ledger/schema";
import { makeUser } from "../admin/people";
import { ADMINS, type AlertServices, startAlertServices } from "../alerts/alert-services";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";

const NOW = new Date("2026-05-10T12:00:00Z");
const minutesOn = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
let test: TestDatabase;
let services: AlertServices;
let runReconcile: typeof import("@/jobs/run-reconcile").runReconcile;
let tellFindings: typeof import("@/alerts/alert-of-findings").tellFindings;

beforeAll(async () => {
  services = await startAlertServices();
  stubEnvironment({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", ...services.environment });
  ({ runReconcile } = await import("@/jobs/run-reconcile"));
  ({ tellFindings } = await import("@/alerts/alert-of-findings"));
});
beforeEach(async () => {
  services.forget();
  services.status = 200;
  test = await createTestDatabase();
  for (const id of ["ann", "ben", "cas"]) await makeUser(test.db, { id, createdAt: NOW });
  return () => test.close();
});
afterAll(() => services.close());

const drift = (...users: string[]) =>
  test.ownerSql`update credit_account set balance = balance + 1 where user_id in ${test.ownerSql(users)}`;
const run = (now = NOW, deadlineMs = performance.now() + 60_000) =>
  runReconcile(test.db, { now, deadlineMs });
const told = () => services.chat().map(({ body }) => JSON.parse(body));
/** One batch as a process does it that is killed right after. */
async function oneBatch(users: number): Promise<string> {
  const { id } = await openReconciliation(test.db, NOW);
  await test.sql`select credits_reconcile_batch(${id}, ${users}, ${NOW})`;
  return id;
}

describe("a reconciliation that finds drift", () => {
  it("tells it once, through every channel, with the first users", async () => {
    await drift("ann", "cas");
    const { id } = await run();
    expect(told()).toEqual([
      {
        text: "The books of 2 of 3 users do not balance",
        facts: { reconciliationId: id, firstUsers: "ann, cas" },
      },
    ]);
    expect(services.sentry()).toHaveLength(1);
    const mails = await test.sql`select payload ->> 'to' as "to" from outbox
      where payload ->> 'channel' = 'mail' and status = 'done' order by 1`;
    expect(mails.map((mail) => mail.to)).toEqual(ADMINS);
    await tellFindings(test.db, { now: minutesOn(5) });
    expect(told()).toHaveLength(1);
  });

  it("tells nothing of sound books", async () => {
    await run();
    expect(told()).toEqual([]);
  });

  it("tells it once, however many are at work on it", async () => {
    await drift("ben");
    await Promise.all([1, 2, 3, 4].map(() => run()));
    const rows = await test.db.select().from(reconciliation);
    for (const { id } of rows) {
      expect(told().filter(({ facts }) => facts.reconciliationId === id)).toHaveLength(1);
    }
    expect(told()).toHaveLength(rows.length);
  });

  it("and is stopped by its deadline tells what it has, and later only what is new", async () => {
    await drift("ann", "cas");
    const id = await oneBatch(2);
    expect(await run(NOW, performance.now())).toMatchObject({ id, finishedAt: null });
    expect(told().map(({ facts }) => facts.firstUsers)).toEqual(["ann"]);
    await run(minutesOn(5));
    expect(told().map(({ facts }) => facts.firstUsers)).toEqual(["ann", "cas"]);
  });

  it("and is killed is told by whoever looks, once nobody can be at it any more", async () => {
    await drift("ann");
    await oneBatch(2);
    await tellFindings(test.db, { now: minutesOn(9) });
    expect(told()).toEqual([]);
    await tellFindings(test.db, { now: minutesOn(11) });
    await tellFindings(test.db, { now: minutesOn(16) });
    expect(told().map(({ text }) => text)).toEqual(["The books of 1 of 2 users do not balance"]);
  });

  it("is told later when no service answers", async () => {
    await drift("ann");
    services.status = 500;
    await run();
    services.status = 200;
    services.forget();
    await tellFindings(test.db, { now: minutesOn(2) });
    expect(told()).toHaveLength(1);
  });
});

describe("npm run reconcile", () => {
  const command = (environment: Readonly<Record<string, string>>) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const env = { ...process.env, DATABASE_URL: test.appUrl, ...environment };
      const child = execFile(
        process.execPath,
        ["--import", "tsx", "dev/reconcile.ts"],
        { env },
        (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
      );
    });

  it("exits 0 when the books balance", async () => {
    const done = await command({});
    expect(done).toMatchObject({ code: 0, out: "3 users checked, 0 drifted.\n" });
    expect(told()).toEqual([]);
  });

  it("exits 1, says who drifted, and alerts", async () => {
    await drift("ben");
    const done = await command({});
    expect(done.code).toBe(1);
    expect(done.out).toContain("3 users checked, 1 drifted.\n  ben: spending is frozen");
    expect(told().map(({ text }) => text)).toEqual(["The books of 1 of 3 users do not balance"]);
  });

  it("leaves the alert to the site where its own environment is not complete", async () => {
    await drift("ben");
    const done = await command({ APP_URL: "no address" });
    expect(done.code).toBe(1);
    expect(done.err).toContain("The site's next tick will send the alert");
    expect(told()).toEqual([]);
    const [{ id } = { id: "" }] = await test.db.select().from(reconciliation);
    // The command has the real time, so the site's next tick does too.
    await tellFindings(test.db, { now: new Date() });
    expect(told().map(({ facts }) => facts.reconciliationId)).toEqual([id]);
  });
});

it("shares its work with one that was opened and that nobody is at", async () => {
  const { id } = await openReconciliation(test.db, NOW);
  expect(await run()).toMatchObject({ id, usersChecked: 3 });
  expect(
    await reconcileBooks(test.db, { now: NOW, deadlineMs: performance.now() }),
  ).not.toMatchObject({ id });
});
