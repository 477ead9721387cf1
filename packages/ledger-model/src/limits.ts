import type { ModelAccount } from "./account";
import { ModelError } from "./errors";

export type SpendWindow = "day" | "month" | "total";

/** Whose spending a limit counts. Null matches all. */
export interface LimitSubject {
  readonly userId: string | null;
  readonly serviceId: string | null;
}

interface ModelLimit extends LimitSubject {
  readonly window: SpendWindow;
  readonly amount: number;
  readonly isHard: boolean;
}

export interface LimitState {
  readonly window: SpendWindow;
  readonly amount: number;
  readonly isHard: boolean;
  readonly remaining: number;
  /** Null: never. */
  readonly resetsAt: Date | null;
}

/** Who spends, with the account as the write leaves it. */
interface Spending {
  readonly userId: string;
  readonly serviceId: string | null;
  readonly account: ModelAccount;
  readonly at: Date;
}

const WINDOWS: readonly SpendWindow[] = ["day", "month", "total"];

/**
 * The spending limits of several accounts. Nothing is counted in advance: what a limit has used is
 * computed from the rows of all accounts, which is what the database's counts must equal.
 */
export class SpendLimits {
  readonly #accounts = new Map<string, () => Readonly<ModelAccount>>();
  #limits: readonly ModelLimit[] = [];

  /** Adds an account, whose current rows `read` returns. */
  add(userId: string, read: () => Readonly<ModelAccount>): void {
    this.#accounts.set(userId, read);
  }

  /** Sets the limit of a subject and window; null removes it. */
  set(subject: LimitSubject, window: SpendWindow, amount: number | null, isHard: boolean): void {
    if (amount !== null && amount < 0) throw new ModelError("InvalidAmount", { amount });
    const others = this.#limits.filter(
      (limit) =>
        limit.userId !== subject.userId ||
        limit.serviceId !== subject.serviceId ||
        limit.window !== window,
    );
    this.#limits = amount === null ? others : [...others, { ...subject, window, amount, isHard }];
  }

  /** Throws SpendLimitExceeded for the hard limit with the least remaining. */
  require(spending: Spending, required: number): void {
    const refused = this.#statesOf(spending)
      .filter(({ limit, used }) => limit.isHard && used + required > limit.amount)
      .sort(byRemaining)[0];
    if (refused === undefined) return;
    const { amount: limit, window } = refused.limit;
    const resetsAt = windowEnd(window, spending.at);
    throw new ModelError("SpendLimitExceeded", {
      required,
      limit,
      remaining: Math.max(0, limit - refused.used),
      window,
      resetsAt: resetsAt === null ? null : resetsAt.toISOString().replace("Z", "000Z"),
    });
  }

  /** Returns what the hard limits leave. */
  remaining(spending: Spending): number {
    return this.#statesOf(spending)
      .filter(({ limit }) => limit.isHard)
      .reduce(
        (least, { limit, used }) => Math.min(least, Math.max(0, limit.amount - used)),
        Infinity,
      );
  }

  /** Returns the limit with the least remaining, or undefined if none applies. */
  tightest(spending: Spending): LimitState | undefined {
    const state = this.#statesOf(spending).sort(byRemaining)[0];
    if (state === undefined) return undefined;
    const { window, amount, isHard } = state.limit;
    const remaining = Math.max(0, amount - state.used);
    return { window, amount, isHard, remaining, resetsAt: windowEnd(window, spending.at) };
  }

  #statesOf(spending: Spending) {
    return this.#limits
      .filter(
        ({ userId, serviceId }) =>
          (userId === null || userId === spending.userId) &&
          (serviceId === null || serviceId === spending.serviceId),
      )
      .map((limit) => ({ limit, used: this.#used(limit, spending) }));
  }

  /** The spender's own lapsed holds count for nothing; those of other accounts count until booked. */
  #used(limit: ModelLimit, { userId: spender, account: own, at }: Spending): number {
    const start = windowStart(limit.window, at);
    let used = 0;
    for (const [userId, read] of this.#accounts) {
      if (limit.userId !== null && limit.userId !== userId) continue;
      const account = userId === spender ? own : read();
      const matches = (row: { readonly serviceId: string | null }, countedAt: Date) =>
        (limit.serviceId === null || limit.serviceId === row.serviceId) &&
        windowStart(limit.window, countedAt) === start;
      for (const row of account.transactions)
        if (
          (row.type === "USAGE" || row.type === "USAGE_REFUND") &&
          matches(row, row.countedAt ?? row.bookedAt)
        )
          used -= row.amount;
      for (const hold of account.holds)
        if (
          hold.status === "open" &&
          !(userId === spender && hold.expiresAt <= at) &&
          matches(hold, hold.heldAt)
        )
          used += hold.amount;
    }
    return used;
  }
}

function byRemaining(
  a: { readonly limit: ModelLimit; readonly used: number },
  b: { readonly limit: ModelLimit; readonly used: number },
): number {
  return (
    a.limit.amount - a.used - (b.limit.amount - b.used) ||
    WINDOWS.indexOf(a.limit.window) - WINDOWS.indexOf(b.limit.window) ||
    a.limit.amount - b.limit.amount ||
    Number(a.limit.isHard) - Number(b.limit.isHard)
  );
}

/** The window's name and beginning in UTC. */
function windowStart(window: SpendWindow, at: Date): string {
  return window === "total" ? "" : at.toISOString().slice(0, window === "day" ? 10 : 7);
}

function windowEnd(window: SpendWindow, at: Date): Date | null {
  if (window === "total") return null;
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  return window === "day"
    ? new Date(Date.UTC(year, month, at.getUTCDate() + 1))
    : new Date(Date.UTC(year, month + 1, 1));
}
