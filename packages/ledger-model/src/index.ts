import { emptyAccount, later, type ModelAccount } from "./account";
import { balanceAsOf, type ModelBalance } from "./balance";
import type { TransactionResult } from "./call";
import { type CaptureInput, type CaptureResult, capture } from "./capture";
import { type GrantInput, grant } from "./grant";
import {
  type ExtendInput,
  type ExtensionResult,
  extend,
  type HoldInput,
  type HoldResult,
  hold,
  type ReleaseInput,
  type ReleaseResult,
  release,
} from "./hold";
import { SpendLimits } from "./limits";
import { type RefundInput, refundSpend } from "./refund";
import { type RestoreInput, restore } from "./restore";
import { revoke } from "./revoke";
import { adjustDown, type SpendInput, spend } from "./spend";
import { isDue, sweep } from "./sweep";
import { type MoveExpiryInput, moveExpiry } from "./trial";

export interface AdjustInput extends SpendInput {
  /** The expiry of an upward adjustment. Null: never. */
  readonly expiresAt: Date | null;
}

/**
 * One user's account in memory, by the rules in `src/ledger/README.md`. Property tests compare it
 * with the SQL functions.
 *
 * Every write is atomic: it works on a copy, and a refused call leaves the account unchanged.
 * Refusals are `ModelError`s. A write whose `now` is earlier than the latest write takes that
 * write's instant. Accounts that share `limits` count together.
 */
export class CreditModel {
  #account: ModelAccount;
  readonly #userId: string;
  readonly #limits: SpendLimits;

  constructor(openedAt: Date, { userId = "", limits = new SpendLimits() } = {}) {
    this.#account = emptyAccount(openedAt);
    this.#userId = userId;
    this.#limits = limits;
    limits.add(userId, () => this.#account);
  }

  /** The current rows. Not a copy. */
  get account(): Readonly<ModelAccount> {
    return this.#account;
  }

  grant(input: GrantInput): TransactionResult {
    return this.#write(input, grant);
  }

  spend(input: SpendInput): TransactionResult {
    return this.#write(input, (account, effective) => {
      const spending = this.#spending(account, effective);
      const result = spend(account, effective, (amount) => this.#limits.require(spending, amount));
      return this.#withLimit(result, spending);
    });
  }

  hold(input: HoldInput): HoldResult {
    // The hold lasts as long as requested, even if the account's time is ahead of the caller's.
    return this.#write(input, (account, effective) => {
      const aheadMs = effective.now.getTime() - input.now.getTime();
      const spending = this.#spending(account, effective);
      const expiresAt = new Date(input.expiresAt.getTime() + aheadMs);
      const result = hold(account, { ...effective, expiresAt }, (amount) =>
        this.#limits.require(spending, amount),
      );
      return this.#withLimit(result, spending);
    });
  }

  capture(input: CaptureInput): CaptureResult {
    return this.#writeForHold(input, (account, effective) =>
      capture(account, effective, (held) => {
        const spender = { serviceId: held.serviceId ?? undefined, now: held.heldAt };
        return this.#limits.remaining(this.#spending(account, spender));
      }),
    );
  }

  /** What is added counts in the window in which the hold was made. */
  extend(input: ExtendInput): ExtensionResult {
    const requestedAt = input.now;
    return this.#writeForHold(input, (account, effective) =>
      extend(account, { ...effective, requestedAt }, (held, amount) => {
        const spender = { serviceId: held.serviceId ?? undefined, now: held.heldAt };
        this.#limits.require(this.#spending(account, spender), amount);
      }),
    );
  }

  release(input: ReleaseInput): ReleaseResult {
    return this.#writeForHold(input, release);
  }

  refundSpend(input: RefundInput): TransactionResult {
    return this.#write(input, (account, effective) => {
      const result = refundSpend(account, effective);
      const spent = account.transactions.find((row) => row.seq === input.spendSeq);
      const spender = { serviceId: spent?.serviceId ?? undefined, now: effective.now };
      return this.#withLimit(result, this.#spending(account, spender));
    });
  }

  revoke(input: SpendInput): TransactionResult {
    return this.#write(input, revoke);
  }

  restore(input: RestoreInput): TransactionResult {
    return this.#write(input, restore);
  }

  moveExpiry(input: MoveExpiryInput): number {
    return this.#write(input, moveExpiry);
  }

  /** A positive amount opens a lot; a negative one is drawn in burn order, up to the balance. */
  adjust(input: AdjustInput): TransactionResult {
    const { key, amount, source, now } = input;
    return amount < 0
      ? this.#write({ key, amount: -amount, source, now }, adjustDown)
      : this.#write({ ...input, type: "ADMIN_ADJUST", paid: false }, adjustUp);
  }

  /** Does what the expiry job does: lapses holds and books expired lots, if any are due. */
  sweep(now: Date): void {
    if (isDue(this.#account, now))
      this.#write({ now }, (account, effective) => sweep(account, effective.now));
  }

  /** A frozen account refuses spends and holds. */
  setFrozen(frozen: boolean): void {
    this.#account = { ...this.#account, frozen };
  }

  /** Returns the balance at a past, present or future instant. */
  balanceAsOf(at: Date): ModelBalance {
    return balanceAsOf(this.#account, at);
  }

  /** Returns the current balance. Like a write, the read takes the latest write's instant if later. */
  balanceNow(now: Date): ModelBalance {
    return balanceAsOf(this.#account, later(this.#account.asOf, now));
  }

  #writeForHold<
    Input extends { readonly holdKey: string; readonly now: Date },
    Result extends object,
  >(input: Input, operate: (account: ModelAccount, input: Input) => Result): Result {
    return this.#write(input, (account, effective) => {
      const result = operate(account, effective);
      const held = account.holds.find((row) => row.key === input.holdKey);
      const spender = { serviceId: held?.serviceId ?? undefined, now: effective.now };
      return this.#withLimit(result, this.#spending(account, spender));
    });
  }

  #spending(
    account: ModelAccount,
    spender: { readonly serviceId?: string | undefined; now: Date },
  ) {
    const { serviceId = null, now: at } = spender;
    return { userId: this.#userId, serviceId, account, at };
  }

  #withLimit<Result extends object>(
    result: Result,
    spending: Parameters<SpendLimits["tightest"]>[0],
  ): Result {
    const limit = this.#limits.tightest(spending);
    return limit === undefined ? result : { ...result, limit };
  }

  #write<Input extends { readonly now: Date }, Result>(
    input: Input,
    operate: (account: ModelAccount, input: Input) => Result,
  ): Result {
    const draft = structuredClone(this.#account);
    const result = operate(draft, { ...input, now: later(draft.asOf, input.now) });
    this.#account = draft;
    return result;
  }
}

function adjustUp(account: ModelAccount, input: GrantInput): TransactionResult {
  return grant(account, input, "adjust");
}
