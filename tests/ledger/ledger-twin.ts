import { isDeepStrictEqual } from "node:util";
import { CreditModel } from "@qiflow/ledger-model";
import {
  balanceAfterSweep,
  balanceByHistory,
  type ModelBalance,
} from "@qiflow/ledger-model/balance";
import type postgres from "postgres";
import { expect } from "vitest";
import { ALLOTMENT_GRACE_HOURS, PLANS, SIGN_UP_GIFT } from "@/catalog/catalog";
import type { Database } from "@/db/client";
import { openCreditAccount } from "@/ledger/grant";
import { monthsAfter } from "@/ledger/schedules";
import { callDatabase, callModel, type LedgerCall, type Outcome } from "./ledger-calls";
import { rowsOfDatabase, rowsOfModel } from "./ledger-rows";

/** Both with the application's rights. */
export interface TwinDatabase {
  readonly db: Database;
  readonly sql: postgres.Sql;
}

const HOUR_MS = 3_600_000;
/** Later than anything a sequence does. */
export const END_OF_TIME = new Date("2400-01-01T00:00:00Z");

/** A reading of the balance that no later write may change. */
interface Reading {
  readonly at: Date;
  readonly balance: ModelBalance;
}

/**
 * One user's credits twice: in the model and in Postgres. Every call goes to both; answers, every
 * row and the balance at telling instants must be the same afterwards.
 */
export class LedgerTwin {
  readonly model: CreditModel;
  readonly userId: string;
  readonly #database: TwinDatabase;
  #readings: Reading[] = [];

  private constructor(database: TwinDatabase, userId: string, openedAt: Date) {
    this.#database = database;
    this.userId = userId;
    this.model = new CreditModel(openedAt);
  }

  /** A new user with the sign-up credits. */
  static async signUp(database: TwinDatabase, userId: string, now: Date): Promise<LedgerTwin> {
    const twin = new LedgerTwin(database, userId, now);
    await database.db.transaction((tx) => openCreditAccount(tx, { userId, now }));
    const later = (at: Date, hours: number) => new Date(at.getTime() + hours * HOUR_MS);
    twin.model.grant({
      key: `signup:${userId}:gift`,
      type: "REGISTER_GIFT",
      amount: SIGN_UP_GIFT.credits,
      expiresAt: later(now, SIGN_UP_GIFT.expireDays * 24),
      source: "signup",
      paid: false,
      now,
    });
    twin.model.grant({
      key: "schedule:signup:0",
      type: "MONTHLY_REFRESH",
      amount: PLANS.free.creditsPerMonth,
      expiresAt: later(monthsAfter(now, 1), ALLOTMENT_GRACE_HOURS),
      source: "signup",
      paid: false,
      now,
    });
    await twin.expectSame();
    return twin;
  }

  /** Makes the call on both sides and answers what it came to. */
  async call(call: LedgerCall): Promise<Outcome> {
    const fromModel = callModel(this.model, call);
    const fromDatabase = await callDatabase(this.#database.db, this.userId, call);
    expectEqual(fromDatabase, fromModel, "the answer");
    this.#expectSound();
    this.#readings = this.#readings.filter(({ at }) => at < this.model.account.asOf);
    await this.expectSame();
    return fromModel;
  }

  /** What was read as of an instant stays what it was, whatever was written as of later ones. */
  expectPastUnchanged(): void {
    for (const { at, balance } of this.#readings)
      expectEqual(this.model.balanceAsOf(at), balance, `the balance read as of ${isoOf(at)}`);
  }

  /** Every row, and the balance at telling instants, are the same on both sides. */
  async expectSame(): Promise<void> {
    const instants = this.#tellingInstants();
    const rows = await rowsOfDatabase(this.#database.sql, this.userId, instants);
    const expected = rowsOfModel(this.model, instants);
    expectEqual(rows.account, expected.account, "the rows");
    expectEqual(rows.balances, expected.balances, `the balances at ${instants.map(isoOf)}`);
    this.#takeReadings(instants);
  }

  /** Invariants 1 and 2, and that the two ways to tell a balance meet at the latest write. */
  #expectSound(): void {
    const { account } = this.model;
    const leftOnLots = account.lots.reduce((sum, lot) => sum + lot.remaining, 0);
    const booked = account.transactions.reduce((sum, row) => sum + row.amount, 0);
    expectEqual(booked, leftOnLots + account.held - account.debt, "invariant 1");
    expect(Math.min(account.held, account.debt), "held or debt").toBeGreaterThanOrEqual(0);
    expectEqual(account.debt > 0 && leftOnLots > 0, false, "debt beside credits");
    for (const lot of account.lots)
      expectEqual(lot.remaining >= 0 && lot.remaining <= lot.amount, true, `lot ${lot.seq}`);
    expectEqual(
      balanceByHistory(account, account.asOf),
      balanceAfterSweep(account, account.asOf),
      "history and sweep at the latest write",
    );
  }

  #takeReadings(instants: readonly Date[]): void {
    const fresh = instants.filter((at) => at >= this.model.account.asOf);
    for (const at of fresh) this.#readings.push({ at, balance: this.model.balanceAsOf(at) });
  }

  /** The latest write, and just before, on and after what lies nearest to it; some older ones; the end. */
  #tellingInstants(): Date[] {
    const { asOf, transactions } = this.model.account;
    const edges = edgesOf(this.model);
    const past = edges.filter((at) => at < asOf.getTime());
    const ahead = edges.filter((at) => at > asOf.getTime());
    const older = past[(transactions.length * 7919) % Math.max(1, past.length)] ?? asOf.getTime();
    const near = [asOf.getTime(), ...past.slice(-1), ...ahead.slice(0, 2)];
    const instants = new Set(near.flatMap((at) => [at - 1, at]));
    return [...instants, older, END_OF_TIME.getTime()].map((at) => new Date(at));
  }
}

/** Instants at which something begins or ends, in order, in milliseconds. */
export function edgesOf({ account }: CreditModel): number[] {
  const instants = [
    ...account.lots.flatMap((lot) => [lot.grantedAt, lot.expiresAt]),
    ...account.holds.flatMap((hold) => [hold.heldAt, hold.expiresAt, hold.closedAt]),
  ];
  const edges = new Set(instants.flatMap((at) => (at === null ? [] : [at.getTime()])));
  return [...edges].sort((a, b) => a - b);
}

function expectEqual(actual: unknown, expected: unknown, what: string): void {
  // The quick comparison first: the one that explains a difference is many times slower.
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
}

function isoOf(at: Date): string {
  return at.toISOString();
}
