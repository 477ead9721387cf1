import { isDeepStrictEqual } from "node:util";
import { CreditModel } from "@qiflow/ledger-model";
import { availableOf } from "@qiflow/ledger-model/account";
import {
  balanceAfterSweep,
  balanceByHistory,
  type ModelBalance,
} from "@qiflow/ledger-model/balance";
import { SpendLimits } from "@qiflow/ledger-model/limits";
import { addHours } from "date-fns";
import type postgres from "postgres";
import { expect } from "vitest";
import { catalog } from "@/catalog/catalog";
import type { Database } from "@/db/client";
import { openCreditAccount } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { monthsAfter } from "@/lib/utc-period";
import { callDatabase, callModel, type LedgerCall, type Outcome } from "../calls";
import { rowsOfDatabase, rowsOfModel } from "../rows";

/** Connections with the application's role. */
export interface LedgerDatabase {
  readonly db: Database;
  readonly sql: postgres.Sql;
}

/** Later than any call of a sequence. */
export const END_OF_TIME = new Date("2400-01-01T00:00:00Z");

/** The default threshold of a database. */
const LOW_BALANCE = 30;

/** A balance that no later write may change. */
interface Reading {
  readonly at: Date;
  readonly balance: ModelBalance;
}

/**
 * One account in the model and in Postgres. Every call goes to both; results, rows and the balances
 * at selected instants must be equal afterwards.
 */
export class MirroredAccount {
  readonly model: CreditModel;
  readonly userId: string;
  readonly #limits: SpendLimits;
  readonly #database: LedgerDatabase;
  #readings: Reading[] = [];
  /** What the ledger has to signal, in no order. */
  readonly #signals: string[] = [];

  private constructor(
    database: LedgerDatabase,
    { userId, openedAt, limits }: { userId: string; openedAt: Date; limits: SpendLimits },
  ) {
    this.#database = database;
    this.userId = userId;
    this.#limits = limits;
    this.model = new CreditModel(openedAt, { userId, limits });
  }

  /** Opens a new account with the sign-up credits. Accounts with the same `limits` count together. */
  static async signUp(
    database: LedgerDatabase,
    userId: string,
    now: Date,
    limits = new SpendLimits(),
  ): Promise<MirroredAccount> {
    const account = new MirroredAccount(database, { userId, openedAt: now, limits });
    await database.db.transaction((tx) => openCreditAccount(tx, { userId, now }));
    account.model.grant({
      key: `signup:${userId}:gift`,
      type: "REGISTER_GIFT",
      amount: catalog.signUpGift.credits,
      expiresAt: addHours(now, catalog.signUpGift.expireDays * 24),
      source: "signup",
      paid: false,
      now,
    });
    account.model.grant({
      key: "schedule:signup:0",
      type: "MONTHLY_REFRESH",
      amount: catalog.freePlan.creditsPerMonth,
      expiresAt: addHours(monthsAfter(now, 1), catalog.allotmentGraceHours),
      source: "signup",
      paid: false,
      now,
    });
    await account.expectSame();
    return account;
  }

  /** Makes the call on both sides and returns its outcome. */
  async call(call: LedgerCall): Promise<Outcome> {
    const fromDatabase = await callDatabase(this.#database.db, this.userId, call);
    const fromModel = this.expectOutcome(call, fromDatabase);
    await this.expectSame();
    if (call.write !== "freeze" && call.write !== "limit")
      await this.#expectSameNow(call.input.now);
    return fromModel;
  }

  /** Makes a call that the database has already received on the model and expects the same outcome. */
  expectOutcome(call: LedgerCall, fromDatabase: Outcome): Outcome {
    const { model, userId } = this;
    const before = availableOf(model.account);
    const lapsed = this.#lapsedHolds();
    const fromModel = callModel({ model, userId, limits: this.#limits }, call);
    const after = availableOf(model.account);
    if (after < LOW_BALANCE && before >= LOW_BALANCE) this.#signals.push("balance-low");
    if (after <= 0 && before > 0) this.#signals.push("balance-depleted");
    this.#signals.push(...this.#lapsedHolds().filter((signal) => !lapsed.includes(signal)));
    expectEqual(fromDatabase, fromModel, "the result");
    this.#expectInvariants();
    this.#readings = this.#readings.filter(({ at }) => at < this.model.account.asOf);
    return fromModel;
  }

  /**
   * Expects a signal for each time that a write of the model left less than the threshold or nothing, and
   * for each lapsed hold. `limits.test.ts` checks those of limits.
   */
  async expectSignals(): Promise<void> {
    const rows = await this.#database.sql<{ signal: string }[]>`
      select concat_ws(' ', kind, facts ->> 'holdKey') as signal from credit_signal
      where user_id = ${this.userId} and kind <> 'limit-reached'`;
    expectEqual(rows.map(({ signal }) => signal).sort(), this.#signals.toSorted(), "the signals");
  }

  /** Holds that lapsed, those included that were captured after that. */
  #lapsedHolds(): string[] {
    const lapsed = this.model.account.holds.filter(
      ({ closedAt, expiresAt }) => closedAt !== null && closedAt >= expiresAt,
    );
    return lapsed.map(({ key }) => `hold-lapsed ${key}`);
  }

  /** Expects the current balance that a server reads whose clock may be behind the account's time. */
  async #expectSameNow(now: Date): Promise<void> {
    const { available, held, debt } = await getBalance(this.#database.db, {
      userId: this.userId,
      now,
    });
    const { lots: _, ...expected } = this.model.balanceNow(now);
    expectEqual({ available, held, debt }, expected, `the balance now, at ${isoOf(now)}`);
  }

  /** Expects that past balances have not changed. */
  expectPastUnchanged(): void {
    for (const { at, balance } of this.#readings)
      expectEqual(this.model.balanceAsOf(at), balance, `the balance read as of ${isoOf(at)}`);
  }

  /** Expects equal rows and equal balances at selected instants. */
  async expectSame(): Promise<void> {
    const instants = this.#selectedInstants();
    const rows = await rowsOfDatabase(this.#database.sql, this.userId, instants);
    const expected = rowsOfModel(this.model, instants);
    expectEqual(rows.account, expected.account, "the rows");
    expectEqual(rows.balances, expected.balances, `the balances at ${instants.map(isoOf)}`);
    this.#takeReadings(instants);
  }

  /** Checks invariants 1 and 2, and that sweep and history agree at the latest write. */
  #expectInvariants(): void {
    const { account } = this.model;
    const remainingOnLots = account.lots.reduce((sum, lot) => sum + lot.remaining, 0);
    const booked = account.transactions.reduce((sum, row) => sum + row.amount, 0);
    expectEqual(booked, remainingOnLots + account.held - account.debt, "invariant 1");
    expect(Math.min(account.held, account.debt), "held or debt").toBeGreaterThanOrEqual(0);
    expectEqual(account.debt > 0 && remainingOnLots > 0, false, "debt beside credits");
    for (const lot of account.lots)
      expectEqual(lot.remaining >= 0 && lot.remaining <= lot.amount, true, `lot ${lot.seq}`);
    expectEqual(
      balanceByHistory(account, account.asOf),
      balanceAfterSweep(account, account.asOf),
      "history and sweep at the latest write",
    );
  }

  #takeReadings(instants: readonly Date[]): void {
    const current = instants.filter((at) => at >= this.model.account.asOf);
    for (const at of current) this.#readings.push({ at, balance: this.model.balanceAsOf(at) });
  }

  /** The latest write and the boundaries next to it, each with the millisecond before; an older one; the end. */
  #selectedInstants(): Date[] {
    const { asOf, transactions } = this.model.account;
    const boundaries = boundariesOf(this.model);
    const past = boundaries.filter((at) => at < asOf.getTime());
    const ahead = boundaries.filter((at) => at > asOf.getTime());
    const older = past[(transactions.length * 7919) % Math.max(1, past.length)] ?? asOf.getTime();
    const near = [asOf.getTime(), ...past.slice(-1), ...ahead.slice(0, 2)];
    const instants = new Set(near.flatMap((at) => [at - 1, at]));
    return [...instants, older, END_OF_TIME.getTime()].map((at) => new Date(at));
  }
}

/** The instants at which something begins or ends, in order, in milliseconds. */
export function boundariesOf({ account }: CreditModel): number[] {
  const instants = [
    ...account.lots.flatMap((lot) => [lot.grantedAt, lot.expiresAt]),
    ...account.holds.flatMap((hold) => [hold.heldAt, hold.expiresAt, hold.closedAt]),
  ];
  const boundaries = new Set(instants.flatMap((at) => (at === null ? [] : [at.getTime()])));
  return [...boundaries].sort((a, b) => a - b);
}

function expectEqual(actual: unknown, expected: unknown, what: string): void {
  // The comparison that explains a difference is many times slower.
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
}

function isoOf(at: Date): string {
  return at.toISOString();
}
