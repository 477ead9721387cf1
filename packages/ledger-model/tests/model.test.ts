import { beforeEach, describe, expect, it } from "vitest";
import { CreditModel } from "../src";
import { balanceAfterSweep, balanceByHistory } from "../src/balance";
import type { ModelError, ModelErrorName } from "../src/errors";

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

/** Matches a refused call by its name and, if given, its details. */
const refusal = (name: ModelErrorName, details?: ModelError["details"]) =>
  expect.objectContaining(details === undefined ? { name } : { name, details });

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

const remainingOnLots = () => model.account.lots.map((lot) => lot.remaining);
const bookedAmounts = () => model.account.transactions.map((row) => [row.type, row.amount]);

describe("CreditModel.spend", () => {
  it("spends the lot that expires first and the one without an expiry last", () => {
    grant(10, { expires: null });
    grant(10, { expires: day(30) });
    grant(10, { expires: day(20) });
    spend(15);
    expect(remainingOnLots()).toEqual([10, 5, 0]);
  });

  it("spends promotional before paid credits when both expire together", () => {
    grant(10, { paid: true, expires: day(20) });
    grant(10, { paid: false, expires: day(20) });
    spend(4);
    expect(remainingOnLots()).toEqual([10, 6]);
  });

  it("spends the lower priority first, regardless of expiry", () => {
    grant(10, { expires: day(20) });
    grant(10, { priority: -1 });
    spend(4);
    expect(remainingOnLots()).toEqual([10, 6]);
  });

  it("spends the older of two equal lots first", () => {
    grant(10, { expires: day(20) });
    grant(10, { expires: day(20), now: day(1) });
    spend(4, day(2));
    expect(remainingOnLots()).toEqual([6, 10]);
  });
});

describe("lot expiry", () => {
  it("excludes a lot from the balance from its expiry instant on", () => {
    grant(10, { expires: day(5) });
    expect(model.balanceAsOf(day(5, -1)).available).toBe(10);
    expect(model.balanceAsOf(day(5)).available).toBe(0);
  });

  it("books an expired lot before a spend, effective at its expiry", () => {
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

  it("refuses a grant whose expiry has passed", () => {
    expect(() => grant(10, { expires: day(0) })).toThrow(refusal("InvalidExpiry"));
  });
});

describe("CreditModel", () => {
  it("reports the required and available credits when it refuses a spend", () => {
    grant(10);
    expect(() => spend(11)).toThrow(
      refusal("InsufficientCredits", { required: 11, available: 10 }),
    );
  });

  it("changes nothing when it refuses a call, not even expired lots", () => {
    grant(10, { expires: day(5) });
    const before = structuredClone(model.account);
    expect(() => spend(1, day(9))).toThrow(refusal("InsufficientCredits"));
    expect(model.account).toEqual(before);
  });

  it("leaves the key of a refused call unused", () => {
    expect(() => spend(5, day(1), "reading:1:spend")).toThrow(refusal("InsufficientCredits"));
    grant(10);
    expect(spend(5, day(1), "reading:1:spend").replayed).toBe(false);
  });

  it.each([0, -1, 0.5, Number.NaN, 2 ** 53])("rejects an amount of %s credits", (amount) => {
    expect(() => grant(amount)).toThrow(refusal("InvalidAmount"));
    expect(() => spend(amount)).toThrow(refusal("InvalidAmount"));
  });

  it("refuses spends and holds on a frozen account, but not grants", () => {
    grant(10);
    model.setFrozen(true);
    expect(() => spend(1)).toThrow(refusal("AccountFrozen"));
    expect(() => hold("h", 1, day(2))).toThrow(refusal("AccountFrozen"));
    expect(grant(5).balanceAfter).toBe(15);
    model.setFrozen(false);
    expect(spend(1).balanceAfter).toBe(14);
  });
});

describe("an idempotency key", () => {
  it("replays the first transaction, even a year later", () => {
    grant(10);
    const first = spend(4, day(1), "k");
    expect(spend(4, day(366), "k")).toEqual({ ...first, replayed: true });
    expect(remainingOnLots()).toEqual([6]);
  });

  it("conflicts when the amount, the source or the operation differs", () => {
    grant(10);
    spend(4, day(1), "k");
    expect(() => spend(5, day(1), "k")).toThrow(refusal("IdempotencyConflict"));
    expect(() => model.spend({ key: "k", amount: 4, source: "reading:2", now: day(1) })).toThrow(
      refusal("IdempotencyConflict"),
    );
    expect(() => model.revoke({ key: "k", amount: 4, source: "reading:1", now: day(1) })).toThrow(
      refusal("IdempotencyConflict"),
    );
  });

  it("is also taken by holds and releases", () => {
    grant(10);
    hold("h", 4, day(2));
    model.release({ holdKey: "h", key: "r", now: day(1) });
    expect(() => spend(4, day(1), "h")).toThrow(refusal("IdempotencyConflict"));
    expect(() => spend(4, day(1), "r")).toThrow(refusal("IdempotencyConflict"));
  });
});

describe("the account's time", () => {
  it("never runs backward", () => {
    grant(10, { now: day(3) });
    expect(spend(1, day(2)).bookedAt).toEqual(day(3));
  });
});

describe("CreditModel.hold", () => {
  it("reserves credits without a transaction", () => {
    grant(10);
    hold("h", 4, day(2));
    expect(model.balanceAsOf(day(1))).toMatchObject({ available: 6, held: 4 });
    expect(bookedAmounts()).toEqual([["PURCHASE_PACKAGE", 10]]);
  });

  it("makes the credits available again when the hold lapses, swept or not", () => {
    grant(10);
    hold("h", 4, day(2));
    expect(model.balanceAsOf(day(2))).toMatchObject({ available: 10, held: 0 });
    expect(() => model.capture({ holdKey: "h", key: "c", now: day(2) })).toThrow(
      refusal("HoldLapsed"),
    );
    expect(model.release({ holdKey: "h", key: "r", now: day(2) })).toMatchObject({
      released: 0,
      status: "lapsed",
    });
  });

  it("captures in burn order and returns the remainder to its lots", () => {
    grant(10, { expires: day(20) });
    grant(10);
    hold("h", 15, day(2));
    model.capture({ holdKey: "h", key: "c", amount: 12, now: day(1) });
    expect(remainingOnLots()).toEqual([0, 8]);
  });

  it("can be captured after its lot has expired, and expires when it is released", () => {
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

  it("refuses a capture of more than it holds and a second capture", () => {
    grant(10);
    hold("h", 4, day(2));
    const capture = (key: string, amount?: number) =>
      model.capture({
        holdKey: "h",
        key,
        ...(amount === undefined ? {} : { amount }),
        now: day(1),
      });
    expect(() => capture("c", 5)).toThrow(refusal("InvalidAmount"));
    capture("c");
    expect(capture("c").replayed).toBe(true);
    expect(() => capture("d")).toThrow(refusal("HoldClosed"));
    expect(() => model.release({ holdKey: "h", key: "r", now: day(1) })).toThrow(
      refusal("HoldClosed"),
    );
  });
});

describe("CreditModel.refundSpend", () => {
  it("returns credits in reverse burn order to the lots they came from", () => {
    grant(10, { expires: day(20) });
    grant(10);
    const { seq } = spend(15);
    model.refundSpend({ spendSeq: seq, key: "r1", amount: 7, now: day(2) });
    expect(remainingOnLots()).toEqual([2, 10]);
    model.refundSpend({ spendSeq: seq, key: "r2", now: day(2) });
    expect(remainingOnLots()).toEqual([10, 10]);
    expect(() => model.refundSpend({ spendSeq: seq, key: "r3", now: day(2) })).toThrow(
      refusal("RefundExceedsSpend"),
    );
  });

  it("expires credits at once when their lot has expired", () => {
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

describe("CreditModel.revoke", () => {
  const revoke = (amount: number, now = day(2), source = "checkout:a") =>
    model.revoke({ key: newKey(), amount, source, now });

  it("draws on its own source first, then in burn order, and turns the remainder into debt", () => {
    grant(10, { source: "checkout:b", expires: day(20) });
    grant(10, { source: "checkout:a" });
    revoke(12);
    expect(remainingOnLots()).toEqual([8, 0]);
    revoke(20);
    expect(model.balanceAsOf(day(2))).toMatchObject({ available: -12, debt: 12 });
  });

  it("creates debt that the next grants settle, oldest first", () => {
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

  it("creates debt that a refund to an expired lot also settles", () => {
    grant(10, { expires: day(3) });
    const { seq } = spend(10);
    revoke(4);
    model.refundSpend({ spendSeq: seq, key: "r", now: day(5) });
    expect(model.balanceAsOf(day(5))).toMatchObject({ available: 0, debt: 0 });
    expect(model.account.transactions.at(-1)?.amount).toBe(-6);
  });

  it("can be restored once, which cancels debt and returns credits to their lots", () => {
    grant(10);
    spend(4);
    const { seq } = revoke(9);
    expect(model.balanceAsOf(day(2)).available).toBe(-3);
    const restored = model.restore({ revokeSeq: seq, key: "w", now: day(3) });
    expect(restored.amount).toBe(9);
    expect(model.balanceAsOf(day(3))).toMatchObject({ available: 6, debt: 0 });
    expect(() => model.restore({ revokeSeq: seq, key: "x", now: day(3) })).toThrow(
      refusal("AlreadyRestored"),
    );
    expect(model.restore({ revokeSeq: seq, key: "w", now: day(9) })).toEqual({
      ...restored,
      replayed: true,
    });
  });

  it("returns settled debt to the lot that paid it when it is restored", () => {
    grant(10);
    spend(10);
    const { seq } = revoke(6);
    grant(4, { now: day(3) });
    model.restore({ revokeSeq: seq, key: "w", now: day(4) });
    expect(remainingOnLots()).toEqual([0, 4]);
    expect(model.balanceAsOf(day(4))).toMatchObject({ available: 4, debt: 0 });
  });

  it("restores expired credits as a new lot with the validity that remained", () => {
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

describe("CreditModel.adjust", () => {
  const adjust = (amount: number) =>
    model.adjust({ key: newKey(), amount, source: "admin:form", expiresAt: null, now: day(1) });

  it("adds a lot or removes credits down to zero, also on a frozen account", () => {
    adjust(10);
    model.setFrozen(true);
    adjust(-4);
    expect(model.balanceAsOf(day(1)).available).toBe(6);
    expect(() => adjust(-7)).toThrow(refusal("InsufficientCredits", { required: 7, available: 6 }));
    expect(() => adjust(0)).toThrow(refusal("InvalidAmount"));
  });
});

describe("CreditModel.balanceAsOf", () => {
  it("returns the same balance from history and from a sweep at the latest write", () => {
    grant(10, { expires: day(3) });
    hold("h", 4, day(2));
    model.revoke({ key: "v", amount: 8, source: "checkout:a", now: day(2) });
    const { account } = model;
    expect(balanceByHistory(account, account.asOf)).toEqual(
      balanceAfterSweep(account, account.asOf),
    );
  });

  it("returns the same past balances after later writes", () => {
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
