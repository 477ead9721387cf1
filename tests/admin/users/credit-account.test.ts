import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type Adjustment,
  adjustInput,
  adjustUserCredits,
  unfreezeUserAccount,
} from "@/admin/users/credit-account";
import { findUser } from "@/admin/users/user";
import { spendCredits } from "@/ledger/debit";
import { getBalance, listLots } from "@/ledger/reads/balance";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makeUser } from "../factories";

const createdAt = new Date("2026-03-01T08:00:00Z");
const now = new Date("2026-03-02T08:00:00Z");
let test: TestDatabase;

const available = async (userId: string) =>
  (await getBalance(test.db, { userId, at: now })).available;
const auditOf = (userId: string) => test.ownerSql`
  select id, actor_id, action, reason, before, after from audit_log where target_user_id = ${userId}`;
const makeForm = (form: Partial<Adjustment> & { userId: string }): Adjustment => ({
  id: randomUUID(),
  actorId: "boss",
  amount: 50,
  reason: "a fault on our side",
  expiresAt: null,
  now,
  ...form,
});

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of [
    "up",
    "down",
    "twice",
    "at-once",
    "busy",
    "over",
    "other",
    "ahead",
    "frozen",
    "refrozen",
    "crowded",
  ]) {
    await makeUser(test.db, { id, createdAt });
  }
});
afterEach(() => expectBooksBalanced(test.ownerSql));
afterAll(() => test.close());

describe("adjustInput", () => {
  it("accepts an expiry only for a positive amount", () => {
    const form = { id: randomUUID(), userId: "up", reason: "a fault on our side" };
    const expiresAt = "2026-05-01T00:00:00Z";
    const errors = (amount: number) =>
      adjustInput.safeParse({ ...form, amount, expiresAt }).error?.issues.map(({ path }) => path);
    expect(errors(5)).toBeUndefined();
    expect(errors(-5)).toEqual([["expiresAt"]]);
  });

  it.each([
    ["a blank reason", { reason: "  " }],
    ["an amount of zero", { amount: 0 }],
    ["a fraction of a credit", { amount: 1.5 }],
    ["an amount above the maximum", { amount: 1_000_001 }],
    ["an invalid id", { id: "1" }],
  ])("rejects %s", (_, wrong) => {
    const form = { id: randomUUID(), userId: "up", amount: 5, reason: "fine", expiresAt: null };
    expect(adjustInput.safeParse(form).success).toBe(true);
    expect(adjustInput.safeParse({ ...form, ...wrong }).success).toBe(false);
  });
});

describe("adjustUserCredits", () => {
  it("adds credits with an expiry and audits the admin, the reason and the balance before and after", async () => {
    const expiresAt = new Date("2026-05-01T00:00:00Z");
    const form = makeForm({ userId: "up", expiresAt });
    const booking = await adjustUserCredits(test.db, form);
    expect(booking).toMatchObject({ type: "ADMIN_ADJUST", amount: 50, balanceAfter: 170 });
    const lots = await listLots(test.db, { userId: "up", at: now });
    expect(lots).toContainEqual(expect.objectContaining({ amount: 50, expiresAt, paid: false }));
    expect(await auditOf("up")).toEqual([
      {
        id: form.id,
        actor_id: "boss",
        action: "credits.adjust",
        reason: "a fault on our side",
        before: { available: 120 },
        after: { available: 170, amount: 50, expiresAt: expiresAt.toISOString() },
      },
    ]);
  });

  it("removes credits", async () => {
    await adjustUserCredits(test.db, makeForm({ userId: "down", amount: -120 }));
    expect(await available("down")).toBe(0);
    expect(await auditOf("down")).toMatchObject([
      { before: { available: 120 }, after: { available: 0, amount: -120 } },
    ]);
  });

  it("rejects the removal of more than the balance and changes nothing", async () => {
    const form = makeForm({ userId: "over", amount: -121 });
    await expect(adjustUserCredits(test.db, form)).rejects.toMatchObject({
      code: "insufficient_credits",
      details: { required: 121, available: 120 },
    });
    expect(await available("over")).toBe(120);
    expect(await auditOf("over")).toEqual([]);
    await adjustUserCredits(test.db, { ...form, amount: -120 });
    expect(await available("over")).toBe(0);
  });

  it("books once when the same form is sent again later", async () => {
    const form = makeForm({ userId: "twice" });
    const first = await adjustUserCredits(test.db, form);
    const second = await adjustUserCredits(test.db, { ...form, now: new Date("2026-03-09") });
    expect(second).toEqual({ ...first, replayed: true });
    expect(await available("twice")).toBe(170);
    expect(await auditOf("twice")).toHaveLength(1);
  });

  it("books once when the same form is sent ten times concurrently", async () => {
    const form = makeForm({ userId: "at-once" });
    const bookings = await Promise.all(
      Array.from({ length: 10 }, () => adjustUserCredits(test.db, form)),
    );
    expect(new Set(bookings.map((booking) => booking.seq)).size).toBe(1);
    expect(bookings.filter((booking) => !booking.replayed)).toHaveLength(1);
    expect(await available("at-once")).toBe(170);
    expect(await auditOf("at-once")).toHaveLength(1);
  });

  it("rejects a form id that was used with other input", async () => {
    const form = makeForm({ userId: "other" });
    await adjustUserCredits(test.db, form);
    const differences: Partial<Adjustment>[] = [
      { userId: "over" },
      { amount: 51 },
      { reason: "another reason" },
      { actorId: "somebody else" },
      { expiresAt: new Date("2027-01-01") },
    ];
    for (const difference of differences) {
      await expect(adjustUserCredits(test.db, { ...form, ...difference })).rejects.toMatchObject({
        code: "idempotency_conflict",
      });
    }
    expect(await available("other")).toBe(170);
  });

  it("audits the exact balances while other transactions spend concurrently", async () => {
    const spend = (n: number) =>
      test.db.transaction((tx) =>
        spendCredits(tx, { userId: "busy", key: `s${n}:spend`, amount: 1, source: `s${n}`, now }),
      );
    const adjust = () => adjustUserCredits(test.db, makeForm({ userId: "busy", amount: 7 }));
    await Promise.all(Array.from({ length: 12 }, (_, n) => (n % 6 === 0 ? adjust() : spend(n))));
    const audited = await auditOf("busy");
    const transactions = await test.ownerSql`
      select idempotency_key as key, balance_after::int as after from credit_transaction
      where user_id = 'busy' and type = 'ADMIN_ADJUST'`;
    expect(audited).toHaveLength(2);
    for (const { id, before, after } of audited) {
      const booking = transactions.find(({ key }) => key === `adjust:${id}`);
      expect(after.available).toBe(booking?.after);
      expect(before.available).toBe(after.available - 7);
    }
  });

  it("reads the balance no earlier than the account's last write", async () => {
    const ahead = new Date("2026-03-05T08:00:00Z");
    await test.db.transaction((tx) =>
      spendCredits(tx, { userId: "ahead", key: "a:spend", amount: 20, source: "a", now: ahead }),
    );
    await adjustUserCredits(test.db, makeForm({ userId: "ahead" }));
    expect(await auditOf("ahead")).toMatchObject([{ before: { available: 100 } }]);
  });

  it("rejects an unknown user and a past expiry", async () => {
    await expect(adjustUserCredits(test.db, makeForm({ userId: "nobody" }))).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(
      adjustUserCredits(test.db, makeForm({ userId: "up", expiresAt: createdAt })),
    ).rejects.toMatchObject({ code: "invalid_expiry" });
  });
});

describe("unfreezeUserAccount", () => {
  const input = { reason: "checked the books", actorId: "boss", now };
  const freeze = (userId: string) => test.ownerSql`
    update credit_account set frozen_at = ${now}, frozen_reason = 'drift' where user_id = ${userId}`;
  const spend = (key: string) =>
    test.db.transaction((tx) =>
      spendCredits(tx, { userId: "frozen", key: `${key}:spend`, amount: 1, source: key, now }),
    );

  it("lets the account spend again and audits the admin, the reason and the start of the freeze", async () => {
    await freeze("frozen");
    await expect(spend("early")).rejects.toMatchObject({ code: "account_frozen" });
    const unfreeze = { ...input, userId: "frozen" };
    await unfreezeUserAccount(test.db, { ...unfreeze, id: randomUUID() });
    await unfreezeUserAccount(test.db, { ...unfreeze, id: randomUUID() });
    await spend("late");
    expect(await auditOf("frozen")).toMatchObject([
      {
        action: "account.unfreeze",
        actor_id: "boss",
        reason: "checked the books",
        before: { frozenAt: now.toISOString(), frozenReason: "drift" },
      },
    ]);
  });

  it("does not unfreeze again when a form is repeated after another freeze", async () => {
    const unfreeze = { ...input, id: randomUUID(), userId: "refrozen" };
    await freeze("refrozen");
    await unfreezeUserAccount(test.db, unfreeze);
    await freeze("refrozen");
    await unfreezeUserAccount(test.db, unfreeze);
    expect(await findUser(test.db, "refrozen")).toMatchObject({ frozenAt: now });
    expect(await auditOf("refrozen")).toHaveLength(1);
  });

  it("unfreezes once, with one record, when ten admins unfreeze concurrently", async () => {
    await freeze("crowded");
    await Promise.all(
      Array.from({ length: 10 }, () =>
        unfreezeUserAccount(test.db, { ...input, id: randomUUID(), userId: "crowded" }),
      ),
    );
    expect(await auditOf("crowded")).toHaveLength(1);
  });
});
