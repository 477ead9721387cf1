import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAudit } from "@/admin/audit";
import { listFailures, retryFailure } from "@/admin/distribution/failures";
import { auditDistribution, startDistribution } from "@/admin/distribution/runs";
import { auditReconciliation, startReconciliation } from "@/admin/reconcile";
import { endSession } from "@/admin/users/access";
import { signOutDevice } from "@/auth/sessions";
import { session } from "@/db/schema";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { previewDistribution, previewSample } from "@/ledger/distribution/preview";
import { getBalance } from "@/ledger/reads/balance";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { makePayment, makeUser } from "./people";

const born = new Date("2026-01-10T08:00:00Z");
const due = new Date("2026-02-11T08:00:00Z");
const PEOPLE = ["ailing", "member", "sound"];
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of PEOPLE) await makeUser(test.db, { id, createdAt: born });
  await makePayment(test.db, {
    ...{ userId: "member", id: "invoice:in_1", paidAt: born, memberFromAt: born },
    memberUntilAt: new Date("2027-01-10T08:00:00Z"),
  });
});
afterAll(async () => {
  await expectBooksBalanced(test.ownerSql);
  await test.close();
});

describe("the sample of a dry run", () => {
  it("says of each user what a run would grant, adds up to the totals, and writes nothing", async () => {
    const sample = await previewSample(test.db, { now: due, limit: 10 });
    expect(sample.map(({ userId, creditsToGrant }) => [userId, creditsToGrant])).toEqual([
      ["ailing", 50],
      ["member", 0],
      ["sound", 50],
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

  it("stops at its limit, in the run's order, and is empty when nothing is due", async () => {
    const first = await previewSample(test.db, { now: due, limit: 1 });
    expect(first.map(({ userId }) => userId)).toEqual(["ailing"]);
    expect(await previewSample(test.db, { now: born, limit: 10 })).toEqual([]);
  });
});

describe("a user whom a run could not grant", () => {
  const actorId = "operator";

  it("is listed with the error, and granted once when it is mended", async () => {
    await setBroken(true);
    const run = await distributeCredits(test.db, { now: due, deadlineMs: Infinity });
    expect(run).toMatchObject({ status: "done", errorCount: 1 });
    const { rows, count } = await listFailures(test.db, {});
    expect({ rows: rows.length, count }).toEqual({ rows: 1, count: 1 });
    expect(rows[0]).toMatchObject({
      ...{ userId: "ailing", email: "ailing@qiflow.example", runId: run.id, stage: "grant" },
      error: expect.stringContaining("ailing_may_not"),
    });

    const inVain = { id: randomUUID(), userId: "ailing", actorId, now: due };
    expect(await retryFailure(test.db, inVain)).toMatchObject({
      outcome: "failed",
      error: expect.stringContaining("ailing_may_not"),
    });
    expect(await listFailures(test.db, {})).toMatchObject({ count: 1 });

    await setBroken(false);
    const press = { id: randomUUID(), userId: "ailing", actorId, now: due };
    const answers = await Promise.all([1, 2, 3].map(() => retryFailure(test.db, press)));
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual([
      ...["granted", "repeated", "repeated"],
    ]);
    expect(await listFailures(test.db, {})).toMatchObject({ rows: [], count: 0 });
    const sound = await getBalance(test.db, { userId: "sound", at: due });
    expect((await getBalance(test.db, { userId: "ailing", at: due })).available).toBe(
      sound.available,
    );
    expect(await findAudit(test.db, press.id)).toMatchObject({
      ...{ actorId, action: "distribution.retry", targetUserId: "ailing" },
      after: { outcome: "granted", allotments: 1, credits: 50 },
    });
  });

  it("to whom nothing is due any more is granted nothing", async () => {
    const press = { id: randomUUID(), userId: "ailing", actorId, now: due };
    expect(await retryFailure(test.db, press)).toEqual({
      ...{ outcome: "granted", allotments: 0, credits: 0 },
    });
  });

  /** Postgres itself refuses this user's grants, as a damaged table or a full disk would. */
  async function setBroken(broken: boolean) {
    await (broken
      ? test.ownerSql`alter table credit_lot add constraint ailing_may_not
          check (user_id <> 'ailing' or granted_at < '2026-02-01') not valid`
      : test.ownerSql`alter table credit_lot drop constraint ailing_may_not`);
  }
});

describe("a device", () => {
  it("is signed out by an admin, once, with a record; somebody else's is not", async () => {
    const later = { createdAt: born, updatedAt: born, expiresAt: new Date("2027-01-01") };
    await test.db.insert(session).values([
      { id: "s1", token: "t1", userId: "sound", ...later },
      { id: "s2", token: "t2", userId: "ailing", ...later },
    ]);
    const end = { id: randomUUID(), userId: "sound", sessionId: "s1", actorId: "a", now: due };
    await endSession(test.db, end, signOutDevice);
    await endSession(test.db, end, signOutDevice);
    const foreign = { ...end, id: randomUUID(), sessionId: "s2" };
    await expect(endSession(test.db, foreign, signOutDevice)).rejects.toMatchObject({
      code: "not_found",
    });
    const left = await test.db.select({ id: session.id }).from(session);
    expect(left).toEqual([{ id: "s2" }]);
    expect(await findAudit(test.db, end.id)).toMatchObject({ before: { sessionId: "s1" } });
    expect(await findAudit(test.db, foreign.id)).toBeUndefined();
  });
});

describe("a distribution started by an admin", () => {
  it("begins one run a press, and its record names the run and what it came to", async () => {
    const press = { id: randomUUID(), actorId: "a", now: due };
    const answers = await Promise.all([1, 2, 3].map(() => startDistribution(test.db, press)));
    const [runId, ...otherIds] = new Set(answers.map((answer) => answer.runId));
    expect(otherIds).toEqual([]);
    const [run, ...others] = answers.flatMap((answer) => answer.run ?? []);
    expect(others).toEqual([]);
    const joined = await startDistribution(test.db, { ...press, id: randomUUID() });
    expect(joined.run?.id).toBe(runId);
    const finished = await distributeCredits(test.db, {
      ...{ now: due, deadlineMs: Infinity },
      ...(run && { run }),
    });
    await auditDistribution(test.db, { id: press.id, run: finished });
    expect(await startDistribution(test.db, press)).toEqual({ runId, run: null });
    expect(await findAudit(test.db, press.id)).toMatchObject({
      ...{ action: "distribution.start", actorId: "a" },
      after: { runId, status: "done", errorCount: 0, grantedCredits: 0 },
    });
  });
});

describe("a reconcile started by an admin", () => {
  it("is written down once, with what it found", async () => {
    const press = { id: randomUUID(), actorId: "a", now: due };
    expect(await startReconciliation(test.db, press)).toBe(true);
    expect(await startReconciliation(test.db, press)).toBe(false);
    await auditReconciliation(test.db, { id: press.id, usersChecked: 3, driftedUsers: 0 });
    expect(await findAudit(test.db, press.id)).toMatchObject({
      ...{ action: "books.reconcile", after: { usersChecked: 3, drifted: 0 } },
    });
  });
});
