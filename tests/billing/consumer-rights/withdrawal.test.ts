import { randomUUID } from "node:crypto";
import { addDays } from "date-fns";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeWithdrawal, listWithdrawals, refundWithdrawal } from "@/admin/withdrawals";
import { canWithdraw, listContracts } from "@/billing/consumer-rights/contracts";
import {
  contractInput,
  statementInput,
  submitStatement,
  withdrawFromContract,
} from "@/billing/consumer-rights/submit-withdrawal";
import { getMembership } from "@/billing/queries";
import { auditLog, outbox, withdrawal } from "@/db/schema";
import { storedEmail } from "@/emails/email-content";
import { renderEmail } from "@/emails/render-email";
import { spendCredits } from "@/ledger/debit";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(() => fixture.close());

const contractsOf = (userId: string) => listContracts(fixture.db, { userId, now: now() });
const balanceOf = (userId: string) => getBalance(fixture.db, { userId, now: now() });

/** Spends credits of the account. Paid credits that expire last are spent last. */
async function spend(userId: string, amount: number): Promise<void> {
  const key = randomUUID();
  await fixture.db.transaction((tx) =>
    spendCredits(tx, { userId, key, amount, source: `test:${key}`, now: now() }),
  );
}

/** Buys an item, and spends `used` credits more than the free ones. */
async function bought(item: string, used: number): Promise<string> {
  const userId = await fixture.signUp();
  await fixture.buy(userId, item);
  if (used > 0) await spend(userId, 120 + used);
  return userId;
}

/** What the account has besides the unused credits of its only purchase. */
async function otherCreditsOf(userId: string): Promise<number> {
  const [contract] = await contractsOf(userId);
  const granted = contract?.payments.reduce((sum, { credits }) => sum + credits, 0) ?? 0;
  return (await balanceOf(userId)).available - (granted - (contract?.usedCredits ?? 0));
}

async function withdrawFrom(userId: string, id: string = randomUUID()) {
  const [contract] = await contractsOf(userId);
  const contractId = contract?.id ?? expect.fail("no contract");
  const request = { id, contractId, userId, locale: "en" as const, now: now() };
  const result = await withdrawFromContract(fixture.billing, request);
  await fixture.deliverCalls();
  return { ...result, id, contractId };
}

async function statementOf(id: string) {
  const [row] = await fixture.db.select().from(withdrawal).where(eq(withdrawal.id, id));
  return row ?? expect.fail("no statement");
}

async function refund(withdrawalId: string, contractId: string, id: string = randomUUID()) {
  const input = { id, withdrawalId, contractId, actorId: "admin", now: now() };
  const keys = await refundWithdrawal(fixture.db, input);
  await fixture.deliverCalls();
  return keys;
}

async function receiptOf(id: string): Promise<string> {
  const [row] = await fixture.db
    .select()
    .from(outbox)
    .where(eq(outbox.idempotencyKey, `email:withdrawal:${id}`));
  const email = storedEmail.parse(row?.payload);
  return (await renderEmail(email, { appUrl: "http://localhost:3000" })).text;
}

describe("listContracts", () => {
  it("states what each purchase covers, what was used of it, and what a withdrawal refunds", async () => {
    const userId = await bought("pack-basic", 30);
    const [contract] = await contractsOf(userId);
    expect(contract).toMatchObject({
      item: "pack-basic",
      paidCents: 990,
      usedCredits: 30,
      coveredCredits: 100,
      hasConsent: true,
      refundCents: 693,
    });
  });

  it("measures a year against its twelve months, and a lifetime against nothing", async () => {
    const [year] = await contractsOf(await bought("pro-yearly", 600));
    // The free month may expire after the paid one, and is then spent after it.
    const used = year?.usedCredits ?? 0;
    expect([600, 650]).toContain(used);
    const kept = Math.floor((9900 * used) / 12_000);
    expect(year).toMatchObject({ coveredCredits: 12_000, refundCents: 9900 - kept });
    const [lifetime] = await contractsOf(await bought("lifetime", 600));
    expect(lifetime).toMatchObject({ coveredCredits: null, refundCents: 19_900 });
  });

  it("reads the use at the instant of the statement", async () => {
    const userId = await bought("pack-basic", 30);
    const at = now();
    await fixture.control.advanceClock({ days: 1 });
    await spend(userId, 20);
    const [before] = await listContracts(fixture.db, { userId, at });
    const [after] = await contractsOf(userId);
    expect([before?.usedCredits, after?.usedCredits]).toEqual([30, 50]);
  });
});

describe("a withdrawal by a member", () => {
  it("sends a receipt with its content and time, alerts the operator, and waits for a refund", async () => {
    const userId = await bought("pack-basic", 30);
    const { id, receipt } = await withdrawFrom(userId);
    const text = await receiptOf(id);
    expect(text).toContain("I withdraw from this contract.");
    expect(text).toContain(receipt.purchase);
    expect(text).toContain("US$6.93");
    expect(text).toMatch(/Received: .*\d\d:\d\d/);
    expect(await fixture.alerts(`withdrawal:${id}`)).toHaveLength(1);
    expect(await statementOf(id)).toMatchObject({ status: "open", userId });
    expect((await balanceOf(userId)).available).toBe(70);
  });

  it("is recorded once when it is sent three times at once", async () => {
    const userId = await bought("pack-basic", 0);
    const [contract] = await contractsOf(userId);
    const request = {
      contractId: contract?.id ?? "",
      userId,
      locale: "en" as const,
      now: now(),
    };
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    const sent = await Promise.all(
      ids.map((id) => withdrawFromContract(fixture.billing, { ...request, id })),
    );
    expect(new Set(sent.map(({ receipt }) => receipt.submittedAt.toISOString())).size).toBe(1);
    const rows = await fixture.db.select().from(withdrawal).where(eq(withdrawal.userId, userId));
    expect(rows).toHaveLength(1);
  });

  it("ends the subscription at once, and takes the unused credits back with the refund", async () => {
    const userId = await bought("pro-monthly", 300);
    const [contract] = await contractsOf(userId);
    const others = await otherCreditsOf(userId);
    const { id, contractId } = await withdrawFrom(userId);
    expect(await getMembership(fixture.db, { userId, at: now() })).toMatchObject({ kind: "free" });
    await spend(userId, 100);
    await refund(id, contractId);
    const [paid] = await fixture.payments(userId);
    expect(paid?.refundedCents).toBe(contract?.refundCents);
    expect(paid?.refundedCents).toBeLessThan(990 * 0.95);
    // What was used before the statement is paid for. What was used after it is not.
    const debt = 100 - others;
    expect(await balanceOf(userId)).toMatchObject({ available: -debt, debt });
    expect(await statementOf(id)).toMatchObject({ status: "refunded" });
    await fixture.expectBalanced();
  });

  it.each([
    ["pack-enterprise", 40],
    ["pro-monthly", 10],
    ["pro-yearly", 1000],
    ["lifetime", 500],
  ])("takes no credit of %s back that was used before it (%i used)", async (item, used) => {
    const userId = await bought(item, used);
    const available = await otherCreditsOf(userId);
    const { id, contractId } = await withdrawFrom(userId);
    await refund(id, contractId);
    expect(await balanceOf(userId)).toMatchObject({ available, debt: 0 });
    await fixture.expectBalanced();
  });

  it("takes no credit of another purchase", async () => {
    const userId = await bought("pro-yearly", 1000);
    const { id, contractId } = await withdrawFrom(userId);
    await fixture.buy(userId, "pack-basic");
    await refund(id, contractId);
    expect(await balanceOf(userId)).toMatchObject({ available: 100, debt: 0 });
  });

  it("is refused after the period, for a pack that is used up, and for another's purchase", async () => {
    const late = await bought("pack-basic", 0);
    const [old] = await contractsOf(late);
    const asked = { id: randomUUID(), locale: "en" as const };
    await expect(
      withdrawFromContract(fixture.billing, {
        ...asked,
        contractId: old?.id ?? "",
        userId: late,
        now: addDays(now(), 20),
      }),
    ).rejects.toMatchObject({ code: "not_found" });
    const usedUp = await bought("pack-basic", 100);
    const [used] = await contractsOf(usedUp);
    expect(used && canWithdraw(used, now())).toBe(false);
    await expect(
      withdrawFromContract(fixture.billing, {
        ...asked,
        contractId: used?.id ?? "",
        userId: usedUp,
        now: now(),
      }),
    ).rejects.toMatchObject({ code: "not_found" });
    const stranger = await fixture.signUp();
    await expect(
      withdrawFromContract(fixture.billing, {
        ...asked,
        contractId: old?.id ?? "",
        userId: stranger,
        now: now(),
      }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a statement in words", () => {
  const statement = (change: object = {}) => ({
    id: randomUUID(),
    name: "Mei Lin",
    email: "someone@example.com",
    purchase: "Basic pack, 3 March",
    ...change,
  });

  it("gets the same receipt whether the account exists or not", async () => {
    const userId = await bought("pack-basic", 0);
    const receipts = [];
    for (const email of [`${userId}@example.com`, "nobody@example.com"]) {
      const sent = { ...statement({ email }), locale: "zh-CN" as const, now: now() };
      receipts.push(await submitStatement(fixture.billing, sent));
      expect(await receiptOf(sent.id)).toContain("本人撤回此合同。");
    }
    const [one, two] = receipts;
    expect(Object.keys(one ?? {}).sort()).toEqual(Object.keys(two ?? {}).sort());
  });

  it("counts once when the form is sent again, and not for another form", async () => {
    const sent = { ...statement(), locale: "en" as const, now: now() };
    const first = await submitStatement(fixture.billing, sent);
    const again = await submitStatement(fixture.billing, { ...sent, now: addDays(now(), 1) });
    expect(again.submittedAt).toEqual(first.submittedAt);
    const other = submitStatement(fixture.billing, { ...sent, email: "other@example.com" });
    await expect(other).rejects.toMatchObject({ code: "not_found" });
  });

  it.each([
    { name: "See https://evil.example" },
    { purchase: "visit www.evil.example" },
    { purchase: "evil.example/login" },
    { name: "two\nlines" },
    { name: "\u200b" },
    { email: "not an address" },
    { purchase: "x".repeat(201) },
    { contractId: "checkout:cs_1" },
  ])("is refused with %j", (change) => {
    expect(statementInput.safeParse(statement(change)).success).toBe(false);
    expect(statementInput.safeParse(statement()).success).toBe(true);
    expect(contractInput.safeParse({ id: randomUUID(), contractId: "invoice:in_1" }).success).toBe(
      false,
    );
  });

  it("is matched by address or reference and refunded by an admin, once, with an audit entry", async () => {
    const userId = await bought("pack-basic", 30);
    const [paid] = await fixture.payments(userId);
    const sent = statement({ purchase: `It was ${paid?.sessionId}` });
    await submitStatement(fixture.billing, { ...sent, locale: "en", now: now() });
    const filter = { q: sent.id, status: "open" as const, order: "newest" as const };
    const [task] = (await listWithdrawals(fixture.db, filter)).rows;
    expect(task).toMatchObject({ matchedUserId: userId });
    expect(task?.contracts).toMatchObject([{ id: paid?.id, refundCents: 693, isInTime: true }]);
    const formId = randomUUID();
    expect(await refund(sent.id, paid?.id ?? "", formId)).toHaveLength(1);
    expect(await refund(sent.id, paid?.id ?? "", formId)).toEqual([]);
    const [after] = await fixture.payments(userId);
    expect(after?.refundedCents).toBe(693);
    const entries = await fixture.db
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.action, "withdrawal.refund"), eq(auditLog.targetUserId, userId)));
    expect(entries).toHaveLength(1);
    await expect(refund(sent.id, paid?.id ?? "")).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("is closed with a reason, once", async () => {
    const sent = statement();
    await submitStatement(fixture.billing, { ...sent, locale: "en", now: now() });
    const close = {
      withdrawalId: sent.id,
      reason: "no such purchase",
      actorId: "admin",
      now: now(),
    };
    await closeWithdrawal(fixture.db, { ...close, id: randomUUID() });
    expect(await statementOf(sent.id)).toMatchObject({ status: "closed" });
    const again = closeWithdrawal(fixture.db, { ...close, id: randomUUID() });
    await expect(again).rejects.toMatchObject({ code: "invalid_input" });
  });
});
