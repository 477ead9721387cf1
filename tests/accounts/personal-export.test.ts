import { randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { exportPersonalData } from "@/accounts/personal-export";
import { recordAudit } from "@/admin/audit";
import { account, notification, session } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import { makePayment } from "../admin/factories";
import { Browser, createTestAuth, PASSWORD, signUp } from "../auth/auth-fixture";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { textOf } from "../support/text-of";

const now = new Date("2026-11-20T08:00:00Z");
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

async function exportOf(userId: string, pageSize?: number) {
  const options = { userId, now, ...(pageSize && { pageSize }) };
  return JSON.parse(await textOf(exportPersonalData(database.db, options)));
}

/** Appends `count` entries to a ledger, of which only the export's reads are of interest. */
async function appendEntries(userId: string, count: number): Promise<void> {
  await database.ownerSql`
    insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
      idempotency_key, source, booked_at, effective_at)
    select ${userId}, version + n, 'USAGE', 'spend', -1, 0, 'entry:' || n, 'reading:' || n, ${now}, ${now}
    from credit_account, generate_series(1, ${count}::int) n where user_id = ${userId}`;
  await database.ownerSql`
    update credit_account set version = version + ${count} where user_id = ${userId}`;
}

describe("exportPersonalData", () => {
  it("contains what is stored about the user, without secrets and without other users", async () => {
    const { userId } = await signUp(database.db, "mei@example.com");
    const other = await signUp(database.db, "other@example.com");
    await new Browser(createTestAuth(database.db)).post("/request-password-reset", {
      email: "mei@example.com",
    });
    for (const id of [userId, other.userId]) {
      await makePayment(database.db, { userId: id, id: `invoice:in_${id}`, paidAt: now });
      await recordAudit(database.db, {
        id: randomUUID(),
        actorId: "boss",
        action: "user.unban",
        targetUserId: id,
        reason: `a word with ${id}`,
        now,
      });
    }
    await database.db.insert(notification).values({
      userId,
      kind: "low-balance",
      key: "low",
      facts: { credits: 3 },
      createdAt: now,
    });
    const exported = await exportOf(userId);
    expect(exported).toMatchObject({
      format: "qiflow-export",
      version: 1,
      exportedAt: now.toISOString(),
      profile: { id: userId, name: "Mei Lin", email: "mei@example.com", timeZone: "UTC" },
      signInMethods: [{ provider: "credential" }],
      sessions: [{ network: "203.0.113.7" }],
      product: { savedBirth: null, readings: [] },
      credits: {
        balance: { available: expect.any(Number) },
        ledger: expect.arrayContaining([expect.objectContaining({ type: "REGISTER_GIFT" })]),
        schedules: [{ id: "signup" }],
      },
      billing: { payments: [{ id: `invoice:in_${userId}`, amountCents: 990 }], trials: [] },
      notifications: [{ kind: "low-balance", facts: { credits: 3 } }],
      notificationSettings: null,
      auditLog: [{ action: "user.unban", reason: `a word with ${userId}` }],
    });
    const templates = exported.emails.map(
      (row: { email: { template: string } }) => row.email.template,
    );
    expect(templates.toSorted()).toEqual(["reset-password", "verify-email"]);
    const text = JSON.stringify(exported);
    const [credentials] = await database.db.select().from(account);
    const sessions = await database.db.select().from(session);
    const secrets = [PASSWORD, credentials?.password ?? "", ...sessions.map(({ token }) => token)];
    for (const hidden of [...secrets, "token=", "boss", other.userId, "other@example.com"])
      expect(text).not.toContain(hidden);
  });

  it("reads long lists page by page, each row once", async () => {
    const { userId } = await signUp(database.db, "long@example.com");
    await appendEntries(userId, 500);
    await database.ownerSql`
      insert into daily_sign_in (user_id, day, streak, credits, signed_in_at)
      select ${userId}, date '2020-01-01' + n, 1, 5, ${now} from generate_series(1, 95) n`;
    const parts: string[] = [];
    for await (const part of exportPersonalData(database.db, { userId, now, pageSize: 10 }))
      parts.push(part);
    const exported = JSON.parse(parts.join(""));
    const seqs = exported.credits.ledger.map(({ seq }: { seq: number }) => seq);
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(seqs.length).toBeGreaterThan(500);
    expect(exported.credits.dailySignIns).toHaveLength(95);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(10_000);
  });

  it.runIf(process.env.QIFLOW_FULL)(
    "keeps less than 16 MB in memory while it exports a million ledger entries",
    async () => {
      const { userId } = await signUp(database.db, "million@example.com");
      await appendEntries(userId, 1_000_000);
      setFlagsFromString("--expose-gc");
      const collectGarbage: () => void = runInNewContext("gc");
      const keptBytes: number[] = [];
      let length = 0;
      for await (const part of exportPersonalData(database.db, { userId, now })) {
        const isDue = length >= keptBytes.length * 20_000_000;
        length += part.length;
        if (!isDue) continue;
        collectGarbage();
        keptBytes.push(process.memoryUsage().heapUsed);
      }
      expect(keptBytes.length).toBeGreaterThan(8);
      expect(Math.max(...keptBytes) - Math.min(...keptBytes)).toBeLessThan(16 * 1024 * 1024);
    },
    600_000,
  );

  it("refuses a deleted account", async () => {
    const { userId } = await signUp(database.db, "gone@example.com");
    await deleteAccount(database.db, { userId, now });
    await expect(exportOf(userId)).rejects.toThrow(NotFound);
  });
});
