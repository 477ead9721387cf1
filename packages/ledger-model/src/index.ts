import { emptyAccount, later, type ModelAccount } from "./account";
import { balanceAsOf, type ModelBalance } from "./balance";
import type { TransactionResult } from "./call";
import { type GrantInput, grant } from "./grant";
import {
  type CaptureInput,
  capture,
  type HoldInput,
  type HoldResult,
  hold,
  type ReleaseInput,
  type ReleaseResult,
  release,
} from "./hold";
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
 * write's instant.
 */
export class CreditModel {
  #account: ModelAccount;

  constructor(openedAt: Date) {
    this.#account = emptyAccount(openedAt);
  }

  /** The current rows. Not a copy. */
  get account(): Readonly<ModelAccount> {
    return this.#account;
  }

  grant(input: GrantInput): TransactionResult {
    return this.#write(input, grant);
  }

  spend(input: SpendInput): TransactionResult {
    return this.#write(input, spend);
  }

  hold(input: HoldInput): HoldResult {
    // The hold lasts as long as requested, even if the account's time is ahead of the caller's.
    return this.#write(input, (account, effective) => {
      const aheadMs = effective.now.getTime() - input.now.getTime();
      return hold(account, {
        ...effective,
        expiresAt: new Date(input.expiresAt.getTime() + aheadMs),
      });
    });
  }

  capture(input: CaptureInput): TransactionResult {
    return this.#write(input, capture);
  }

  release(input: ReleaseInput): ReleaseResult {
    return this.#write(input, release);
  }

  refundSpend(input: RefundInput): TransactionResult {
    return this.#write(input, refundSpend);
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
