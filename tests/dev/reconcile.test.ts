import { execFile } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reconciliation } from "@/ledger/schema";
import { makeUser } from "../admin/factories";
import { type AlertServices, startAlertServices } from "../alerts/alert-services";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";

const NOW = new Date("2026-05-10T12:00:00Z");
let test: TestDatabase;
let services: AlertServices;
let notifyFindings: typeof import("@/jobs/findings").notifyFindings;

beforeAll(async () => {
  services = await startAlertServices();
  stubEnvironment({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", ...services.environment });
  ({ notifyFindings } = await import("@/jobs/findings"));
});
beforeEach(async () => {
  services.clear();
  test = await createTestDatabase();
  for (const id of ["ann", "ben", "cas"]) await makeUser(test.db, { id, createdAt: NOW });
  return () => test.close();
});
afterAll(() => services.close());

const drift = (userId: string) =>
  test.ownerSql`update credit_account set balance = balance + 1 where user_id = ${userId}`;
const chatMessages = () => services.chat().map(({ body }) => JSON.parse(body));
const runCommand = (environment: Readonly<Record<string, string>> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = { ...process.env, DATABASE_URL: test.appUrl, ...environment };
    const child = execFile(
      process.execPath,
      ["--import", "tsx", "dev/reconcile.ts"],
      { env },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

describe("npm run reconcile", () => {
  it("exits 0 when the books balance", async () => {
    const result = await runCommand();
    expect(result).toMatchObject({ code: 0, out: "3 users checked, 0 drifted.\n" });
    expect(services.chat()).toEqual([]);
  });

  it("exits 1, lists the users who drifted and alerts", async () => {
    await drift("ben");
    const result = await runCommand();
    expect(result.code).toBe(1);
    expect(result.out).toContain("3 users checked, 1 drifted.\n  ben: spending is frozen");
    expect(chatMessages().map(({ text }) => text)).toEqual([
      "The books of 1 of 3 users do not balance",
    ]);
  });

  it("leaves the alert to the site when its own environment is incomplete", async () => {
    await drift("ben");
    const result = await runCommand({ APP_URL: "no address" });
    expect(result.code).toBe(1);
    expect(result.err).toContain("The site's next tick sends it");
    expect(services.chat()).toEqual([]);
    const [{ id } = { id: "" }] = await test.db.select().from(reconciliation);
    // The command used real time, so this call does too.
    await notifyFindings(test.db, { now: new Date() });
    expect(chatMessages().map(({ facts }) => facts.reconciliationId)).toEqual([id]);
  });
});
