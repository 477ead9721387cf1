import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditQuery, listAudit } from "@/admin/audit";
import { PAGE_ROWS } from "@/admin/lists/keyset";
import { ledgerPages } from "@/admin/reports/exports";
import { setBanned } from "@/admin/users/access";
import { unfreezeUserAccount } from "@/admin/users/credit-account";
import { findUser, listOpenHolds, readLedgerPage } from "@/admin/users/user";
import { session } from "@/db/schema";
import { spendCredits } from "@/ledger/debit";
import { holdCredits } from "@/ledger/hold";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { makeUser } from "./people";

const born = new Date("2026-03-01T08:00:00Z");
const now = new Date("2026-03-02T08:00:00Z");
let test: TestDatabase;

const spend = (userId: string, key: string, amount: number) =>
  test.db.transaction((tx) =>
    spendCredits(tx, { userId, key: `${key}:spend`, amount, source: key, now }),
  );

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of ["reader", "spender", "frozen", "banned"]) {
    await makeUser(test.db, { id, createdAt: born });
  }
});
afterAll(async () => {
  await expectBooksBalanced(test.ownerSql);
  await test.close();
});

describe("a user's ledger", () => {
  it("shows with each debit the lots it drew on", async () => {
    await spend("reader", "big", 100);
    const { rows } = await readLedgerPage(test.db, {
      ...{ userId: "reader", type: "USAGE" },
      turn: {},
      at: now,
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.draws.map((draw) => [draw.lotType, draw.amount])).toEqual([
      ["REGISTER_GIFT", 70],
      ["MONTHLY_REFRESH", 30],
    ]);
  });

  it("pages older and back to the newest, of all types and of one", async () => {
    for (let n = 0; n < PAGE_ROWS + 5; n++) await spend("spender", `s${n}`, 1);
    const spends = { userId: "spender", type: "USAGE", at: now } as const;
    const first = await readLedgerPage(test.db, { ...spends, turn: {} });
    expect([first.rows.length, first.newerAfter]).toEqual([PAGE_ROWS, null]);
    const second = await readLedgerPage(test.db, {
      ...spends,
      turn: { before: first.olderBefore },
    });
    expect(second.rows.map((row) => row.seq)).toEqual([7, 6, 5, 4, 3]);
    expect([second.olderBefore, second.newerAfter]).toEqual([null, 7]);
    const all = { userId: "spender", at: now };
    const middle = await readLedgerPage(test.db, { ...all, turn: { before: 5 } });
    const back = await readLedgerPage(test.db, { ...all, turn: { after: middle.newerAfter } });
    expect(back.rows.at(-1)?.seq).toBe(5);
  });

  it("can begin with the oldest and goes on from there", async () => {
    const order = "oldest" as const;
    const all = { userId: "spender", at: now };
    const first = await readLedgerPage(test.db, { ...all, turn: { order } });
    expect(first.rows.map((row) => row.seq)).toEqual(
      Array.from({ length: PAGE_ROWS }, (_, n) => n + 1),
    );
    expect([first.olderBefore, first.newerAfter]).toEqual([null, PAGE_ROWS]);
    const next = await readLedgerPage(test.db, { ...all, turn: { order, after: PAGE_ROWS } });
    expect(next.rows.map((row) => row.seq)).toEqual([26, 27, 28, 29, 30, 31, 32]);
    const back = await readLedgerPage(test.db, {
      ...all,
      turn: { order, before: next.olderBefore },
    });
    expect(back.rows).toEqual(first.rows);
  });

  it("goes out as CSV in full", async () => {
    const lines: (readonly unknown[])[] = [];
    for await (const page of ledgerPages(test.db, { userId: "spender", type: null, at: now })) {
      lines.push(...page);
    }
    expect(lines.map(([seq]) => seq)).toEqual(
      Array.from({ length: PAGE_ROWS + 7 }, (_, n) => PAGE_ROWS + 7 - n),
    );
  });

  it("lists what is set aside", async () => {
    const expiresAt = new Date("2026-03-02T08:10:00Z");
    await test.db.transaction((tx) =>
      holdCredits(tx, {
        ...{ userId: "reader", key: "reading:1:hold", amount: 10, source: "reading:1" },
        ...{ expiresAt, now },
      }),
    );
    expect(await listOpenHolds(test.db, { userId: "reader" })).toMatchObject([
      { amount: 10, expiresAt },
    ]);
  });
});

describe("unfreezing", () => {
  it("lets the account spend again and keeps who, why and since when it was frozen", async () => {
    await test.ownerSql`update credit_account set frozen_at = ${now}, frozen_reason = 'drift'
      where user_id = 'frozen'`;
    await expect(spend("frozen", "early", 1)).rejects.toMatchObject({ code: "account_frozen" });
    const form = { userId: "frozen", reason: "looked into", actorId: "boss", now };
    await unfreezeUserAccount(test.db, { id: randomUUID(), ...form });
    await unfreezeUserAccount(test.db, { id: randomUUID(), ...form });
    await spend("frozen", "late", 1);
    const { rows } = await listAudit(test.db, auditQuery.parse({ q: "frozen" }));
    expect(rows).toMatchObject([
      {
        ...{ action: "account.unfreeze", actorId: "boss", reason: "looked into" },
        before: { frozenAt: now.toISOString(), frozenReason: "drift" },
      },
    ]);
  });
});

describe("a form that arrives again after what it did was undone", () => {
  const form = { reason: "looked into", actorId: "boss", now };
  const recordsOf = (userId: string) => test.ownerSql`
    select id, action from audit_log where target_user_id = ${userId} order by created_at, action`;

  it("does not ban again", async () => {
    await makeUser(test.db, { id: "pardoned", createdAt: born });
    const ban = { ...form, id: randomUUID(), userId: "pardoned", banned: true };
    const pardon = { ...form, id: randomUUID(), userId: "pardoned", banned: false };
    await setBanned(test.db, ban);
    await setBanned(test.db, pardon);
    await setBanned(test.db, ban);
    expect(await findUser(test.db, "pardoned")).toMatchObject({ banned: false });
    expect([...(await recordsOf("pardoned"))]).toEqual([
      { id: ban.id, action: "user.ban" },
      { id: pardon.id, action: "user.unban" },
    ]);
  });

  it("does not unfreeze again", async () => {
    await makeUser(test.db, { id: "refrozen", createdAt: born });
    const freeze = () =>
      test.ownerSql`update credit_account set frozen_at = ${now} where user_id = 'refrozen'`;
    const unfreeze = { ...form, id: randomUUID(), userId: "refrozen" };
    await freeze();
    await unfreezeUserAccount(test.db, unfreeze);
    await freeze();
    await unfreezeUserAccount(test.db, unfreeze);
    expect(await findUser(test.db, "refrozen")).toMatchObject({ frozenAt: now });
    expect(await recordsOf("refrozen")).toHaveLength(1);
  });

  it("is refused for somebody else, or with another reason", async () => {
    const ban = { ...form, id: randomUUID(), userId: "pardoned", banned: true };
    await setBanned(test.db, ban);
    for (const other of [{ userId: "reader" }, { reason: "another" }, { actorId: "another" }]) {
      const banned = other.userId === undefined ? false : ban.banned;
      await expect(setBanned(test.db, { ...ban, ...other, banned })).rejects.toMatchObject({
        code: "idempotency_conflict",
      });
    }
  });

  it("unfreezes once when ten admins press at once, with one record", async () => {
    await makeUser(test.db, { id: "crowded", createdAt: born });
    await test.ownerSql`update credit_account set frozen_at = ${now} where user_id = 'crowded'`;
    await Promise.all(
      Array.from({ length: 10 }, () =>
        unfreezeUserAccount(test.db, { ...form, id: randomUUID(), userId: "crowded" }),
      ),
    );
    expect(await recordsOf("crowded")).toHaveLength(1);
  });
});

describe("the audit log", () => {
  it("can be added to, but neither rewritten nor thinned out by the application", async () => {
    await expect(test.sql`delete from audit_log`).rejects.toThrow("permission denied");
    await expect(test.sql`update audit_log set actor_id = 'x'`).rejects.toThrow(
      "permission denied",
    );
    await expect(test.sql`truncate audit_log`).rejects.toThrow("permission denied");
  });
});

describe("a ban", () => {
  it("ends the sessions at once, and is lifted again, both written down", async () => {
    await test.db.insert(session).values({
      ...{ id: "s1", token: "t1", userId: "banned", expiresAt: new Date("2027-01-01") },
    });
    const form = { userId: "banned", reason: "abuse", actorId: "boss", now };
    await setBanned(test.db, { ...form, id: randomUUID(), banned: true });
    expect(await findUser(test.db, "banned")).toMatchObject({ banned: true, banReason: "abuse" });
    expect(await test.ownerSql`select id from session where user_id = 'banned'`).toEqual([]);
    await setBanned(test.db, { ...form, id: randomUUID(), banned: false, now: born });
    expect(await findUser(test.db, "banned")).toMatchObject({ banned: false, banReason: null });
    const { rows } = await listAudit(test.db, auditQuery.parse({ q: "banned" }));
    expect(rows.map((row) => row.action)).toEqual(["user.ban", "user.unban"]);
  });

  it("is not for oneself", async () => {
    await expect(
      setBanned(test.db, {
        ...{ id: randomUUID(), userId: "banned", actorId: "banned", banned: true },
        ...{ reason: "a joke", now },
      }),
    ).rejects.toMatchObject({ code: "invalid_input" });
  });
});
