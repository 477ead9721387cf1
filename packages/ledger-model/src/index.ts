import { emptyAccount, later, type ModelAccount } from "./account";
import type { Answer } from "./answer";
import { balanceAsOf, type ModelBalance } from "./balance-as-of";
import { type GrantInput, grant } from "./grant";
import {
  type CaptureInput,
  capture,
  type HoldAnswer,
  type HoldInput,
  hold,
  type ReleaseAnswer,
  type ReleaseInput,
  release,
} from "./hold";
import { type RefundInput, refundSpend } from "./refund";
import { type RestoreInput, restore } from "./restore";
import { revoke } from "./revoke";
import { adjustDown, type SpendInput, spend } from "./spend";
import { isDue, sweep } from "./sweep";

export interface AdjustInput extends SpendInput {
  /** Of an upward adjustment; null = never. */
  readonly expiresAt: Date | null;
}

/**
 * One user's credits in memory, by the rules of this folder's README and with no database:
 * what the SQL functions must do, written a second time. Property tests run the two side by side.
 *
 * Every write is all or nothing: it works on a copy, and a refusal leaves the account as it was.
 * Errors are those of `src/ledger/errors.ts`. An account's time never runs backward: a write whose
 * `now` lies before the latest one counts as made at the latest one.
 */
export class CreditModel {
  #account: ModelAccount;

  constructor(openedAt: Date) {
    this.#account = emptyAccount(openedAt);
  }

  /** The rows as they stand, for comparing. Not a copy. */
  get account(): Readonly<ModelAccount> {
    return this.#account;
  }

  grant(input: GrantInput): Answer {
    return this.#write(input, grant);
  }

  spend(input: SpendInput): Answer {
    return this.#write(input, spend);
  }

  hold(input: HoldInput): HoldAnswer {
    return this.#write(input, hold);
  }

  capture(input: CaptureInput): Answer {
    return this.#write(input, capture);
  }

  release(input: ReleaseInput): ReleaseAnswer {
    return this.#write(input, release);
  }

  refundSpend(input: RefundInput): Answer {
    return this.#write(input, refundSpend);
  }

  revoke(input: SpendInput): Answer {
    return this.#write(input, revoke);
  }

  restore(input: RestoreInput): Answer {
    return this.#write(input, restore);
  }

  /** Up is a lot of type ADMIN_ADJUST, down is drawn in burn order and never beyond the balance. */
  adjust(input: AdjustInput): Answer {
    const { key, amount, source, now } = input;
    return amount < 0
      ? this.#write({ key, amount: -amount, source, now }, adjustDown)
      : this.#write({ ...input, type: "ADMIN_ADJUST", paid: false }, adjustUp);
  }

  /** What the expiry job does to an account that has something due: lapse holds, book expiry. */
  sweep(now: Date): void {
    if (isDue(this.#account, now))
      this.#write({ now }, (account, effective) => sweep(account, effective.now));
  }

  /** A frozen account neither spends nor holds. */
  setFrozen(frozen: boolean): void {
    this.#account = { ...this.#account, frozen };
  }

  /** What could be spent, was held and was owed at any instant, past or to come. */
  balanceAsOf(at: Date): ModelBalance {
    return balanceAsOf(this.#account, at);
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

function adjustUp(account: ModelAccount, input: GrantInput): Answer {
  return grant(account, input, "adjust");
}
