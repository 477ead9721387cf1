import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "@/db/client";
import { driverErrorOf } from "@/db/driver-error";
import { logger } from "@/lib/logger";
import {
  credits,
  instant,
  ledgerErrorOf,
  refusalSchema,
  type TransactionResult,
  transactionResultSchema,
} from "./call-ledger";
import type { Spender } from "./debit";
import { AccountBusy, OutcomeUnknown, TooManySpends } from "./errors";
import { reportLedgerWrite } from "./written";

/** A spend that forms a whole transaction. */
export interface StandAloneSpend extends Spender {
  readonly userId: string;
  readonly key: string;
  readonly amount: number;
  readonly source: string;
  /** A batch happens at the latest `now` of its spends. */
  readonly now: Date;
}

export interface SpendBatcherOptions {
  /** Maximum number of spends in one transaction. */
  readonly maxBatch?: number;
  /** Maximum number of spends that wait for their result. */
  readonly maxPending?: number;
  /** Maximum time that a spend waits for the lock of its account. */
  readonly lockTimeoutMs?: number;
}

/** Batches in flight at the same time. The users of one are never in another. */
const MAX_BATCHES = 2;
/** The number of waiting spends from which a second batch is worth its transaction. */
const MIN_FOR_SECOND_BATCH = 32;
/** Transactions that wait for locked accounts at the same time. */
const MAX_WAITS = 3;

/** Whether a transaction skips locked accounts or waits for them. */
type IfLocked = "skip" | "wait";

interface Pending {
  readonly spend: StandAloneSpend;
  resolve(result: TransactionResult): void;
  reject(error: unknown): void;
}

/**
 * Books standalone spends in batches. Spends that arrive while a batch is in flight go into the next one,
 * with one call, one transaction and one flush to disk. Nothing is delayed to fill a batch, and when many
 * spends wait, two batches are in flight. Each caller gets the result or the refusal of its own spend, and
 * the spends of one user are booked in the order in which they arrived.
 *
 * Spends of users whose account is locked go into a separate transaction that waits for the locks, so that
 * a slow account does not delay the next batch. If Postgres refuses a whole batch, it is halved until the
 * spend at fault is alone. A batch whose connection is lost is retried once with the same keys,
 * so a result may say `replayed` for a new spend.
 */
export class SpendBatcher {
  readonly #db: Database;
  readonly #options: Required<SpendBatcherOptions>;
  /** In the order of arrival. */
  #queue: Pending[] = [];
  /** Spends that arrived for a user whose earlier spends wait for the account's lock. */
  readonly #behind = new Map<string, Pending[]>();
  /** Groups of spends of locked accounts that wait for one of `MAX_WAITS` transactions. */
  readonly #locked: Pending[][] = [];
  /** The users of the batches in flight. */
  readonly #inFlight = new Set<string>();
  #pending = 0;
  #batches = 0;
  #waits = 0;

  constructor(db: Database, options: SpendBatcherOptions = {}) {
    this.#db = db;
    this.#options = { maxBatch: 256, maxPending: 10_000, lockTimeoutMs: 500, ...options };
  }

  /**
   * Spends credits in burn order, once per key, like `spendCredits`.
   * @throws InsufficientCredits, SpendLimitExceeded, AccountFrozen, IdempotencyConflict, InvalidAmount,
   * CreditAccountNotFound; TooManySpends if too many spends wait; AccountBusy if the account stays
   * locked; OutcomeUnknown if the connection is lost twice. After the last three, a call with the same
   * key is safe
   */
  async spend(spend: StandAloneSpend): Promise<TransactionResult> {
    credits(spend.amount);
    if (this.#pending >= this.#options.maxPending) throw new TooManySpends();
    this.#pending += 1;
    try {
      return await new Promise<TransactionResult>((resolve, reject) => {
        const pending = { spend, resolve, reject };
        const behind = this.#behind.get(spend.userId);
        if (behind === undefined) this.#queue.push(pending);
        else behind.push(pending);
        this.#start();
      });
    } finally {
      this.#pending -= 1;
      reportLedgerWrite();
    }
  }

  #start(): void {
    if (this.#batches >= MAX_BATCHES || this.#queue.length === 0) return;
    const isFirst = this.#batches === 0;
    // A batch that is about to be taken starts the second one itself.
    const isWorthIt = this.#inFlight.size > 0 && this.#queue.length >= MIN_FOR_SECOND_BATCH;
    if (!isFirst && !isWorthIt) return;
    void this.#bookQueue();
  }

  async #bookQueue(): Promise<void> {
    this.#batches += 1;
    for (;;) {
      // Callers of the last batch run first, so that their next spends share a batch.
      await new Promise(setImmediate);
      const batch = this.#take();
      if (batch.length === 0) break;
      this.#start();
      const locked = await this.#book(batch, "skip");
      for (const { spend } of batch) this.#inFlight.delete(spend.userId);
      for (const { spend } of locked) this.#behind.set(spend.userId, []);
      this.#queue = this.#queue.filter((pending) => !this.#moveBehind(pending));
      if (locked.length > 0) this.#locked.push(locked);
      this.#startWait();
    }
    this.#batches -= 1;
  }

  /**
   * Takes the next batch from the queue: spends of users who are in no batch in flight, in the order of
   * arrival. Leaves half of many spends for a second batch, but never splits the spends of one user.
   */
  #take(): Pending[] {
    const { maxBatch } = this.#options;
    const isShared = this.#inFlight.size === 0 && this.#queue.length >= 2 * MIN_FOR_SECOND_BATCH;
    const share = isShared ? Math.min(maxBatch, Math.ceil(this.#queue.length / 2)) : maxBatch;
    const users = new Set<string>();
    const batch: Pending[] = [];
    this.#queue = this.#queue.filter((pending) => {
      const { userId } = pending.spend;
      if (batch.length >= maxBatch || this.#inFlight.has(userId)) return true;
      if (batch.length >= share && !users.has(userId)) return true;
      users.add(userId);
      batch.push(pending);
      return false;
    });
    for (const user of users) this.#inFlight.add(user);
    return batch;
  }

  /** Keeps the order of a user's spends while earlier ones wait for the account's lock. */
  #moveBehind(pending: Pending): boolean {
    const behind = this.#behind.get(pending.spend.userId);
    behind?.push(pending);
    return behind !== undefined;
  }

  #startWait(): void {
    if (this.#waits >= MAX_WAITS) return;
    const spends = this.#locked.shift();
    if (spends !== undefined) void this.#wait(spends);
  }

  /** Books spends of locked accounts, and rejects those whose account stays locked. */
  async #wait(spends: readonly Pending[]): Promise<void> {
    this.#waits += 1;
    const timedOut = await this.#book(spends, "wait");
    // One account is enough to time out. The others are booked now.
    const busy = await this.#book(timedOut, "skip");
    for (const { reject } of busy) reject(new AccountBusy());
    this.#waits -= 1;
    for (const user of new Set(spends.map(({ spend }) => spend.userId))) {
      this.#queue.unshift(...(this.#behind.get(user) ?? []));
      this.#behind.delete(user);
    }
    this.#startWait();
    this.#start();
  }

  /**
   * Books spends in one transaction and settles their callers. Returns the spends whose account is
   * locked, or all spends if a lock takes too long. Never throws.
   */
  async #book(spends: readonly Pending[], ifLocked: IfLocked, isRetry = false): Promise<Pending[]> {
    if (spends.length === 0) return [];
    try {
      const outcomes = await this.#call(
        spends.map(({ spend }) => spend),
        ifLocked,
      );
      return spends.filter((pending, index) => !settle(pending, outcomes[index]));
    } catch (error) {
      const failure = failureOf(error);
      if (failure === "lock timeout") return [...spends];
      if (failure !== "refused" && !isRetry) return this.#book(spends, ifLocked, true);
      if (failure === "lost") {
        logger.error({ err: error, spends: spends.length }, "lost the connection twice in a batch");
        for (const { reject } of spends) reject(new OutcomeUnknown(error));
        return [];
      }
      return this.#halve(spends, ifLocked, error);
    }
  }

  /** Postgres refused the batch and rolled it back. Books its halves, so that only the spend at fault fails. */
  async #halve(spends: readonly Pending[], ifLocked: IfLocked, error: unknown): Promise<Pending[]> {
    if (spends.length === 1) {
      spends[0]?.reject(error);
      return [];
    }
    const middle = Math.ceil(spends.length / 2);
    const locked = await this.#book(spends.slice(0, middle), ifLocked);
    const users = new Set(locked.map(({ spend }) => spend.userId));
    const rest = spends.slice(middle);
    const next = rest.filter(({ spend }) => !users.has(spend.userId));
    const behind = rest.filter(({ spend }) => users.has(spend.userId));
    return [...locked, ...behind, ...(await this.#book(next, ifLocked))];
  }

  async #call(spends: readonly StandAloneSpend[], ifLocked: IfLocked): Promise<readonly Outcome[]> {
    const textArray = (field: (spend: StandAloneSpend) => string | undefined) =>
      sql`${sql.param(spends.map((spend) => field(spend) ?? null))}::text[]`;
    const now = new Date(Math.max(...spends.map((spend) => spend.now.getTime())));
    const rows = await this.#db.execute<{ outcomes: unknown }>(sql`
      select credits_spend_batch(
        ${textArray(({ userId }) => userId)}, ${textArray(({ key }) => key)},
        ${textArray(({ amount }) => String(amount))}::bigint[], ${textArray(({ source }) => source)},
        ${textArray(({ serviceId }) => serviceId)}, ${textArray(({ feature }) => feature)},
        ${ifLocked === "skip"}, ${this.#options.lockTimeoutMs}::integer, ${instant(now)},
        ${textArray(({ usage }) => (usage === undefined ? undefined : JSON.stringify(usage)))}::jsonb[]) as outcomes`);
    return outcomesSchema.parse(rows[0]?.outcomes);
  }
}

const outcomesSchema = z.array(
  z.union([
    z.object({ result: transactionResultSchema }),
    z.object({ error: refusalSchema }),
    z.object({ busy: z.literal(true) }),
  ]),
);
type Outcome = z.output<typeof outcomesSchema>[number];

/** Settles the caller. False if the account is locked. */
function settle({ resolve, reject }: Pending, outcome: Outcome | undefined): boolean {
  if (outcome === undefined) reject(new Error("credits_spend_batch returned too few outcomes."));
  else if ("busy" in outcome) return false;
  else if ("error" in outcome)
    reject(ledgerErrorOf(outcome.error) ?? new Error(outcome.error.message));
  else resolve(outcome.result);
  return true;
}

const refusedStatement = z.object({ severity: z.literal("ERROR"), code: z.string() });

/**
 * Why a batch failed: a lock timeout; a conflict with another transaction, which a retry solves; another
 * error of Postgres, which rolled it back; or a lost connection, whose transaction may be committed.
 */
function failureOf(error: unknown): "lock timeout" | "conflict" | "refused" | "lost" {
  const { data: refusal } = refusedStatement.safeParse(driverErrorOf(error));
  if (refusal === undefined) return error instanceof z.ZodError ? "refused" : "lost";
  if (refusal.code === "55P03") return "lock timeout";
  return refusal.code.startsWith("40") ? "conflict" : "refused";
}
