import { beforeEach, describe, expect, test } from "vitest";
import {
  AccountFrozen,
  AlreadyRestored,
  HoldClosed,
  HoldLapsed,
  IdempotencyConflict,
  InsufficientCredits,
  InvalidAmount,
  InvalidExpiry,
  RefundExceedsSpend,
} from "@/ledger/errors";
import { CreditModel } from "../src";
import { balanceByHistory, balanceOnceSwept } from "../src/balance-as-of";

let model: CreditModel;
let keys: number;

beforeEach(() => {
  model = new CreditModel(day(0));
  keys = 0;
});

/** Noon of the nth day. */
function day(n: number, ms = 0): Date {
  return new Date(Date.UTC(2026, 0, 1 + n, 12) + ms);
}

const newKey = () => `key:${++keys}`;

function grant(
  amount: number,
  lot: {
    source?: string;
    expires?: Date | null;
    paid?: boolean;
    priority?: number;
    now?: Date;
  } = {},
) {
  return model.grant({
    key: newKey(),
    amount,
    type: "PURCHASE_PACKAGE",
    source: lot.source ?? "checkout:a",
    expiresAt: lot.expires ?? null,
    paid: lot.paid ?? true,
    priority: lot.priority ?? 0,
    now: lot.now ?? day(0),
  });
}

function spend(amount: number, now = day(1), key = newKey()) {
  return model.spend({ key, amount, source: "reading:1", now });
}

function hold(key: string, amount: number, expiresAt: Date, now = day(1)) {
  return model.hold({ key, amount, source: "reading:1", expiresAt, now });
}

const leftOnLots = () => model.account.lots.map((lot) => lot.remaining);
const bookedAmounts = () => model.account.transactions.map((row) => [row.type, row.amount]);

describe("burn order", () => {
  test("spends the lot that expires first, and one that never expires last", () => {
    grant(10, { expires: null });
    grant(10, { expires: day(30) });
    grant(10, { expires: day(20) });
    spend(15);
    expect(leftOnLots()).toEqual([10, 5, 0]);
  });

  test("spends promo before paid when both expire together", () => {
    grant(10, { paid: true, expires: day(20) });
    grant(10, { paid: false, expires: day(20) });
    spend(4);
    expect(leftOnLots()).toEqual([10, 6]);
  });

  test("spends a lower priority first, whatever expires", () => {
    grant(10, { expires: day(20) });
    grant(10, { priority: -1 });
    spend(4);
    expect(leftOnLots()).toEqual([10, 6]);
  });

  test("spends the older of two equal lots first", () => {
    grant(10, { expires: day(20) });
    grant(10, { expires: day(20), now: day(1) });
    spend(4, day(2));
    expect(leftOnLots()).toEqual([6, 10]);
  });
});

describe("expiry", () => {
  test("counts a lot until its very instant and not from it on", () => {
    grant(10, { expires: day(5) });
    expect(model.balanceAsOf(day(5, -1)).available).toBe(10);
    expect(model.balanceAsOf(day(5)).available).toBe(0);
  });

  test("books what expired before a spend, effective when it expired", () => {
    grant(10, { expires: day(5) });
    grant(10);
    spend(10, day(9));
    expect(bookedAmounts().slice(2)).toEqual([
      ["EXPIRE", -10],
      ["USAGE", -10],
    ]);
    expect(model.account.transactions[2]?.effectiveAt).toEqual(day(5));
    expect(model.account.transactions[2]?.bookedAt).toEqual(day(9));
  });

  test("refuses to grant what has expired already", () => {
    expect(() => grant(10, { expires: day(0) })).toThrow(InvalidExpiry);
  });
});

describe("refusals", () => {
  test("name what was required and what was there", () => {
    grant(10);
    expect(() => spend(11)).toThrow(new InsufficientCredits({ required: 11, available: 10 }));
  });

  test("change nothing, not even what had expired", () => {
    grant(10, { expires: day(5) });
    const before = structuredClone(model.account);
    expect(() => spend(1, day(9))).toThrow(InsufficientCredits);
    expect(model.account).toEqual(before);
  });

  test("use up no key", () => {
    expect(() => spend(5, day(1), "reading:1:spend")).toThrow(InsufficientCredits);
    grant(10);
    expect(spend(5, day(1), "reading:1:spend").replayed).toBe(false);
  });

  test.each([0, -1, 0.5, Number.NaN, 2 ** 53])("meet an amount of %s credits", (amount) => {
    expect(() => grant(amount)).toThrow(InvalidAmount);
    expect(() => spend(amount)).toThrow(InvalidAmount);
  });

  test("stop a frozen account from spending and holding, not from being granted to", () => {
    grant(10);
    model.setFrozen(true);
    expect(() => spend(1)).toThrow(AccountFrozen);
    expect(() => hold("h", 1, day(2))).toThrow(AccountFrozen);
    expect(grant(5).balanceAfter).toBe(15);
    model.setFrozen(false);
    expect(spend(1).balanceAfter).toBe(14);
  });
});

describe("keys", () => {
  test("answer a repeated call with the first booking, a year later too", () => {
    grant(10);
    const first = spend(4, day(1), "k");
    expect(spend(4, day(366), "k")).toEqual({ ...first, replayed: true });
    expect(leftOnLots()).toEqual([6]);
  });

  test("conflict when the amount, the source or the operation differs", () => {
    grant(10);
    spend(4, day(1), "k");
    expect(() => spend(5, day(1), "k")).toThrow(IdempotencyConflict);
    expect(() => model.spend({ key: "k", amount: 4, source: "reading:2", now: day(1) })).toThrow(
      IdempotencyConflict,
    );
    expect(() => model.revoke({ key: "k", amount: 4, source: "reading:1", now: day(1) })).toThrow(
      IdempotencyConflict,
    );
  });

  test("of holds and releases are taken too", () => {
    grant(10);
    hold("h", 4, day(2));
    model.release({ holdKey: "h", key: "r", now: day(1) });
    expect(() => spend(4, day(1), "h")).toThrow(IdempotencyConflict);
    expect(() => spend(4, day(1), "r")).toThrow(IdempotencyConflict);
  });
});

describe("an account's time", () => {
  test("never runs backward", () => {
    grant(10, { now: day(3) });
    expect(spend(1, day(2)).bookedAt).toEqual(day(3));
  });
});

describe("holds", () => {
  test("set credits aside that are still in the books", () => {
    grant(10);
    hold("h", 4, day(2));
    expect(model.balanceAsOf(day(1))).toMatchObject({ available: 6, held: 4 });
    expect(bookedAmounts()).toEqual([["PURCHASE_PACKAGE", 10]]);
  });

  test("are free again by themselves when they lapse, swept or not", () => {
    grant(10);
    hold("h", 4, day(2));
    expect(model.balanceAsOf(day(2))).toMatchObject({ available: 10, held: 0 });
    expect(() => model.capture({ holdKey: "h", key: "c", now: day(2) })).toThrow(HoldLapsed);
    expect(model.release({ holdKey: "h", key: "r", now: day(2) })).toMatchObject({
      released: 0,
      status: "lapsed",
    });
  });

  test("are captured in burn order, and the rest goes back where it came from", () => {
    grant(10, { expires: day(20) });
    grant(10);
    hold("h", 15, day(2));
    model.capture({ holdKey: "h", key: "c", amount: 12, now: day(1) });
    expect(leftOnLots()).toEqual([0, 8]);
  });

  test("can be captured although their lot has expired, and expire on release", () => {
    grant(10, { expires: day(3) });
    hold("h", 4, day(9));
    hold("i", 4, day(9));
    expect(model.capture({ holdKey: "h", key: "c", now: day(5) }).amount).toBe(-4);
    model.release({ holdKey: "i", key: "r", now: day(6) });
    expect(bookedAmounts().slice(1)).toEqual([
      ["EXPIRE", -2],
      ["USAGE", -4],
      ["EXPIRE", -4],
    ]);
    expect(model.account.transactions.at(-1)?.effectiveAt).toEqual(day(6));
  });

  test("never capture more than they hold, nor twice", () => {
    grant(10);
    hold("h", 4, day(2));
    const capture = (key: string, amount?: number) =>
      model.capture({
        holdKey: "h",
        key,
        ...(amount === undefined ? {} : { amount }),
        now: day(1),
      });
    expect(() => capture("c", 5)).toThrow(InvalidAmount);
    capture("c");
    expect(capture("c").replayed).toBe(true);
    expect(() => capture("d")).toThrow(HoldClosed);
    expect(() => model.release({ holdKey: "h", key: "r", now: day(1) })).toThrow(HoldClosed);
  });
});

describe("refunds of a spend", () => {
  test("return in reverse burn order onto the very lots it drew on", () => {
    grant(10, { expires: day(20) });
    grant(10);
    const { seq } = spend(15);
    model.refundSpend({ spendSeq: seq, key: "r1", amount: 7, now: day(2) });
    expect(leftOnLots()).toEqual([2, 10]);
    model.refundSpend({ spendSeq: seq, key: "r2", now: day(2) });
    expect(leftOnLots()).toEqual([10, 10]);
    expect(() => model.refundSpend({ spendSeq: seq, key: "r3", now: day(2) })).toThrow(
      RefundExceedsSpend,
    );
  });

  test("expire at once on a lot that has expired", () => {
    grant(10, { expires: day(3) });
    const { seq } = spend(10);
    model.refundSpend({ spendSeq: seq, key: "r", now: day(4) });
    expect(bookedAmounts().slice(2)).toEqual([
      ["USAGE_REFUND", 10],
      ["EXPIRE", -10],
    ]);
    expect(model.balanceAsOf(day(4)).available).toBe(0);
  });
});

describe("revocations", () => {
  const revoke = (amount: number, now = day(2), source = "checkout:a") =>
    model.revoke({ key: newKey(), amount, source, now });

  test("take from their own source first, then in burn order, then make debt", () => {
    grant(10, { source: "checkout:b", expires: day(20) });
    grant(10, { source: "checkout:a" });
    revoke(12);
    expect(leftOnLots()).toEqual([8, 0]);
    revoke(20);
    expect(model.balanceAsOf(day(2))).toMatchObject({ available: -12, debt: 12 });
  });

  test("leave a debt that the next grants settle, the oldest first", () => {
    grant(10);
    spend(10);
    const first = revoke(4);
    const second = revoke(3);
    grant(5, { now: day(3) });
    expect(model.balanceAsOf(day(3))).toMatchObject({ available: -2, debt: 2 });
    expect(model.account.settlements.map((row) => [row.revokeSeq, row.amount])).toEqual([
      [first.seq, 4],
      [second.seq, 1],
    ]);
  });

  test("are settled by what a refund brings to an expired lot, too", () => {
    grant(10, { expires: day(3) });
    const { seq } = spend(10);
    revoke(4);
    model.refundSpend({ spendSeq: seq, key: "r", now: day(5) });
    expect(model.balanceAsOf(day(5))).toMatchObject({ available: 0, debt: 0 });
    expect(model.account.transactions.at(-1)?.amount).toBe(-6);
  });

  test("are undone whole: debt forgiven, credits back on their lots, once", () => {
    grant(10);
    spend(4);
    const { seq } = revoke(9);
    expect(model.balanceAsOf(day(2)).available).toBe(-3);
    const restored = model.restore({ revokeSeq: seq, key: "w", now: day(3) });
    expect(restored.amount).toBe(9);
    expect(model.balanceAsOf(day(3))).toMatchObject({ available: 6, debt: 0 });
    expect(() => model.restore({ revokeSeq: seq, key: "x", now: day(3) })).toThrow(AlreadyRestored);
    expect(model.restore({ revokeSeq: seq, key: "w", now: day(9) })).toEqual({
      ...restored,
      replayed: true,
    });
  });

  test("give what a lot paid for their debt back to that lot", () => {
    grant(10);
    spend(10);
    const { seq } = revoke(6);
    grant(4, { now: day(3) });
    model.restore({ revokeSeq: seq, key: "w", now: day(4) });
    expect(leftOnLots()).toEqual([0, 4]);
    expect(model.balanceAsOf(day(4))).toMatchObject({ available: 4, debt: 0 });
  });

  test("bring expired credits back as a new lot with the validity they had left", () => {
    grant(10, { expires: day(12) });
    const { seq } = revoke(10, day(2));
    model.restore({ revokeSeq: seq, key: "w", now: day(40) });
    expect(model.account.lots.at(-1)).toMatchObject({
      type: "PURCHASE_PACKAGE",
      source: "checkout:a",
      remaining: 10,
      expiresAt: day(50),
    });
  });
});

describe("an admin's adjustment", () => {
  const adjust = (amount: number) =>
    model.adjust({ key: newKey(), amount, source: "admin:form", expiresAt: null, now: day(1) });

  test("goes up as a lot and down to zero at most, on a frozen account too", () => {
    adjust(10);
    model.setFrozen(true);
    adjust(-4);
    expect(model.balanceAsOf(day(1)).available).toBe(6);
    expect(() => adjust(-7)).toThrow(new InsufficientCredits({ required: 7, available: 6 }));
    expect(() => adjust(0)).toThrow(InvalidAmount);
  });
});

describe("the balance as of an instant", () => {
  test("is the same by history and by sweeping, at the latest write", () => {
    grant(10, { expires: day(3) });
    hold("h", 4, day(2));
    model.revoke({ key: "v", amount: 8, source: "checkout:a", now: day(2) });
    const { account } = model;
    expect(balanceByHistory(account, account.asOf)).toEqual(
      balanceOnceSwept(account, account.asOf),
    );
  });

  test("stays what it was when time goes on", () => {
    grant(10, { expires: day(5) });
    hold("h", 4, day(2));
    const read = [day(1), day(2, -1), day(2), day(4)].map(
      (at) => [at, model.balanceAsOf(at)] as const,
    );
    spend(1, day(4, 1));
    model.sweep(day(9));
    for (const [at, balance] of read) expect(model.balanceAsOf(at)).toEqual(balance);
    expect(model.balanceAsOf(day(0, -1)).available).toBe(0);
  });
});
