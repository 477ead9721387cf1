import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type Adjustment,
  adjustInput,
  adjustUserCredits,
  previewAdjustment,
  unfreezeUserAccount,
} from "@/admin/users/credit-account";
import { findUser } from "@/admin/users/user";
import { spendCredits } from "@/ledger/debit";
import { grantCredits } from "@/ledger/grant";
import { getBalance, listLots } from "@/ledger/reads/balance";
import { reversePurchase } from "@/ledger/reverse";
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
    "preview",
    "in-debt",
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

describe("previewAdjustment", () => {
  const preview = (userId: string, amount: number, expiresAt: Date | null = null) =>
    previewAdjustment(test.db, { userId, amount, expiresAt, now });

  it("returns the balances, the lots it draws on and what an adjustment then does", async () => {
    const effect = await preview("preview", -60);
    expect(effect).toMatchObject({
      before: { available: 120, debt: 0 },
      after: { available: 60, debt: 0 },
      debtPaid: 0,
      added: [],
    });
    const [first, second] = await listLots(test.db, { userId: "preview", at: now });
    expect(effect.taken).toMatchObject([
      { seq: first?.seq, type: "REGISTER_GIFT", credits: 60, expiresAt: first?.expiresAt },
    ]);
    expect((await preview("preview", -100)).taken.map(({ seq }) => seq)).toEqual([
      first?.seq,
      second?.seq,
    ]);
    expect(await available("preview")).toBe(120);
    await adjustUserCredits(test.db, makeForm({ userId: "preview", amount: -60 }));
    expect(await available("preview")).toBe(effect.after.available);
  });

  it("shows what pays off debt and what remains of the new lot", async () => {
    const user = { userId: "in-debt", now };
    await test.db.transaction((tx) =>
      grantCredits(tx, {
        ...user,
        key: "checkout:cs_debt:pack",
        amount: 100,
        type: "PURCHASE_PACKAGE",
        source: "checkout:cs_debt",
        expiresAt: null,
        paid: true,
      }),
    );
    await test.db.transaction((tx) =>
      spendCredits(tx, { ...user, key: "d:spend", amount: 220, source: "d" }),
    );
    await test.db.transaction((tx) =>
      reversePurchase(tx, {
        ...user,
        source: "checkout:cs_debt",
        paidCents: 990,
        undone: [],
        standing: [{ key: "refund:re_1", cents: 990, applied: false }],
        schedule: null,
      }),
    );
    const expiresAt = new Date("2026-05-01T00:00:00Z");
    expect(await preview("in-debt", 150, expiresAt)).toMatchObject({
      before: { available: -100, debt: 100 },
      after: { available: 50, debt: 0 },
      debtPaid: 100,
      taken: [],
      added: [{ credits: 50, expiresAt }],
    });
    expect(await preview("in-debt", 40)).toMatchObject({
      after: { available: -60, debt: 60 },
      debtPaid: 40,
      added: [],
    });
  });

  it("writes nothing and throws what the adjustment would throw", async () => {
    await expect(preview("preview", -1_000)).rejects.toMatchObject({
      code: "insufficient_credits",
    });
    await expect(preview("nobody", 5)).rejects.toMatchObject({ code: "not_found" });
    await expect(preview("preview", 5, createdAt)).rejects.toMatchObject({
      code: "invalid_expiry",
    });
    expect(await auditOf("in-debt")).toEqual([]);
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
