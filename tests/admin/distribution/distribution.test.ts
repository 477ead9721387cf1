import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAudit } from "@/admin/audit";
import { listFailures, retryFailure } from "@/admin/distribution/failures";
import { auditDistribution, startDistribution } from "@/admin/distribution/runs";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { previewDistribution, previewSample } from "@/ledger/distribution/preview";
import { getBalance } from "@/ledger/reads/balance";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makePayment, makeUser } from "../factories";

const createdAt = new Date("2026-01-10T08:00:00Z");
const due = new Date("2026-02-11T08:00:00Z");
const USERS = ["failing", "member", "served"];
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of USERS) await makeUser(test.db, { id, createdAt });
  await makePayment(test.db, {
    userId: "member",
    id: "invoice:in_1",
    paidAt: createdAt,
    memberFromAt: createdAt,
    memberUntilAt: new Date("2027-01-10T08:00:00Z"),
  });
});
afterAll(async () => {
  await expectBooksBalanced(test.ownerSql);
  await test.close();
});

describe("previewSample", () => {
  it("returns each user's grant, adds up to the totals and writes nothing", async () => {
    const sample = await previewSample(test.db, { now: due, limit: 10 });
    expect(sample.map(({ userId, creditsToGrant }) => [userId, creditsToGrant])).toEqual([
      ["failing", 50],
      ["member", 0],
      ["served", 50],
    ]);
    const totals = await previewDistribution(test.db, due);
    expect(sample.reduce((sum, { creditsToGrant }) => sum + creditsToGrant, 0)).toBe(
      totals.creditsToGrant,
    );
    expect(sample.reduce((sum, { allotmentCount }) => sum + allotmentCount, 0)).toBe(
      totals.allotmentCount,
    );
    expect(await previewSample(test.db, { now: due, limit: 10 })).toEqual(sample);
  });

  it("stops at its limit, in the run's order, and is empty if nothing is due", async () => {
    const first = await previewSample(test.db, { now: due, limit: 1 });
    expect(first.map(({ userId }) => userId)).toEqual(["failing"]);
    expect(await previewSample(test.db, { now: createdAt, limit: 10 })).toEqual([]);
  });
});

describe("retryFailure", () => {
  const actorId = "operator";

  it("returns the error until it is fixed, then grants once and clears the failure", async () => {
    await setBroken(true);
    const run = await distributeCredits(test.db, { now: due, deadlineMs: Infinity });
    expect(run).toMatchObject({ status: "done", errorCount: 1 });
    const { rows, count } = await listFailures(test.db, {});
    expect({ rows: rows.length, count }).toEqual({ rows: 1, count: 1 });
    expect(rows[0]).toMatchObject({
      userId: "failing",
      email: "failing@qiflow.example",
      runId: run.id,
      stage: "grant",
      error: expect.stringContaining("failing_user_is_blocked"),
    });

    const failedRetry = { id: randomUUID(), userId: "failing", actorId, now: due };
    expect(await retryFailure(test.db, failedRetry)).toMatchObject({
      outcome: "failed",
      error: expect.stringContaining("failing_user_is_blocked"),
    });
    expect(await listFailures(test.db, {})).toMatchObject({ count: 1 });

    await setBroken(false);
    const form = { id: randomUUID(), userId: "failing", actorId, now: due };
    const results = await Promise.all([1, 2, 3].map(() => retryFailure(test.db, form)));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual([
      "granted",
      "repeated",
      "repeated",
    ]);
    expect(await listFailures(test.db, {})).toMatchObject({ rows: [], count: 0 });
    const served = await getBalance(test.db, { userId: "served", at: due });
    expect((await getBalance(test.db, { userId: "failing", at: due })).available).toBe(
      served.available,
    );
    expect(await findAudit(test.db, form.id)).toMatchObject({
      actorId,
      action: "distribution.retry",
      targetUserId: "failing",
      after: { outcome: "granted", allotments: 1, credits: 50 },
    });
  });

  it("grants nothing if nothing is due", async () => {
    const form = { id: randomUUID(), userId: "failing", actorId, now: due };
    expect(await retryFailure(test.db, form)).toEqual({
      outcome: "granted",
      allotments: 0,
      credits: 0,
    });
  });

  /** Makes Postgres reject this user's grants, like a damaged table or a full disk. */
  async function setBroken(broken: boolean) {
    await (broken
      ? test.ownerSql`alter table credit_lot add constraint failing_user_is_blocked
          check (user_id <> 'failing' or granted_at < '2026-02-01') not valid`
      : test.ownerSql`alter table credit_lot drop constraint failing_user_is_blocked`);
  }
});

describe("startDistribution", () => {
  it("starts one run per form, joins a running one and audits the run and its outcome", async () => {
    const form = { id: randomUUID(), actorId: "a", now: due };
    const results = await Promise.all([1, 2, 3].map(() => startDistribution(test.db, form)));
    const [runId, ...otherIds] = new Set(results.map((result) => result.runId));
    expect(otherIds).toEqual([]);
    const [run, ...others] = results.flatMap((result) => result.run ?? []);
    expect(others).toEqual([]);
    const joined = await startDistribution(test.db, { ...form, id: randomUUID() });
    expect(joined.run?.id).toBe(runId);
    const finished = await distributeCredits(test.db, {
      now: due,
      deadlineMs: Infinity,
      ...(run && { run }),
    });
    await auditDistribution(test.db, { id: form.id, run: finished });
    expect(await startDistribution(test.db, form)).toEqual({ runId, run: null });
    expect(await findAudit(test.db, form.id)).toMatchObject({
      action: "distribution.start",
      actorId: "a",
      after: { runId, status: "done", errorCount: 0, grantedCredits: 0 },
    });
  });
});
