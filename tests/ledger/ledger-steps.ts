import type { CreditType } from "@qiflow/ledger-model/account";
import fc from "fast-check";

/**
 * One step of a random story. Steps are plain choices; what they mean is told by the state in which
 * they are taken ("the third open hold", "one more than there is"), so that they shrink well.
 */
export interface LedgerStep {
  readonly user: number;
  readonly time: TimeMove;
  readonly act: Act;
  /** Where it names a hold, a spend, a revocation or an earlier call: which one. */
  readonly pick: number;
  /** True = under a key that something else of this user bears. */
  readonly keyIsUsed: boolean;
}

export type TimeMove =
  | { readonly to: "stay" }
  | { readonly to: "later"; readonly ms: number }
  /** Onto (or a millisecond beside) an instant at which something begins or ends. */
  | { readonly to: "edge"; readonly nth: number; readonly offsetMs: number }
  /** This call's server has a clock that is behind. */
  | { readonly to: "earlier"; readonly ms: number };

export type Amount =
  | { readonly is: "number"; readonly credits: number }
  /** What there is (to spend, to capture, to give back), and so many more or fewer. */
  | { readonly is: "all"; readonly offset: number };

export type Validity =
  | { readonly is: "never" | "tie" }
  | { readonly is: "for"; readonly ms: number };

export type Act =
  | {
      readonly do: "grant";
      readonly amount: Amount;
      readonly type: CreditType;
      readonly source: string;
      readonly life: Validity;
      readonly paid: boolean;
      readonly priority: number;
    }
  | { readonly do: "spend" | "revoke"; readonly amount: Amount; readonly source: string }
  | {
      readonly do: "hold";
      readonly amount: Amount;
      readonly source: string;
      readonly life: Validity;
    }
  | { readonly do: "capture" | "refund"; readonly amount: Amount | null }
  | { readonly do: "release" | "restore" | "sweep" | "freeze" }
  | {
      readonly do: "adjust";
      readonly amount: Amount;
      readonly isDown: boolean;
      readonly life: Validity;
    }
  /** An earlier call once more, as it was or with something else asked for under its key. */
  | { readonly do: "repeat"; readonly change: "nothing" | "amount" | "source" };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const is = <Name extends string>(name: Name) => fc.constant(name);

const timeMove: fc.Arbitrary<TimeMove> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ to: is("stay") }) },
  { weight: 5, arbitrary: fc.record({ to: is("later"), ms: fc.nat(HOUR_MS) }) },
  { weight: 2, arbitrary: fc.record({ to: is("later"), ms: fc.nat(20 * DAY_MS) }) },
  {
    weight: 4,
    arbitrary: fc.record({ to: is("edge"), nth: fc.nat(2), offsetMs: fc.constantFrom(0, -1, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ to: is("earlier"), ms: fc.nat(DAY_MS) }) },
);

/** Mostly up to `most`, sometimes all there is and a little more or less, seldom no amount at all. */
function amountUpTo(most: number): fc.Arbitrary<Amount> {
  const credits = fc.integer({ min: 1, max: most });
  return fc.oneof(
    { weight: 12, arbitrary: fc.record({ is: is("number"), credits }) },
    { weight: 3, arbitrary: fc.record({ is: is("all"), offset: fc.constantFrom(0, 1, -1, -5) }) },
    { weight: 1, arbitrary: fc.record({ is: is("number"), credits: fc.constantFrom(0, -3) }) },
  );
}

const life: fc.Arbitrary<Validity> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ is: is("never") }) },
  { weight: 3, arbitrary: fc.record({ is: is("tie") }) },
  { weight: 4, arbitrary: fc.record({ is: is("for"), ms: fc.nat(3 * DAY_MS) }) },
  { weight: 2, arbitrary: fc.record({ is: is("for"), ms: fc.nat(60 * DAY_MS) }) },
  { weight: 1, arbitrary: fc.record({ is: is("for"), ms: fc.constantFrom(1, 0, 2) }) },
);

const source = fc.constantFrom("checkout:a", "checkout:b", "invoice:c", "signup");

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: is("grant"),
      amount: amountUpTo(150),
      type: fc.constantFrom<CreditType>("PURCHASE_PACKAGE", "DAILY_SIGNIN", "SUBSCRIPTION_RENEWAL"),
      source,
      life,
      paid: fc.boolean(),
      priority: fc.constantFrom(0, 0, 0, 0, -1, 2),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: is("spend"), amount: amountUpTo(60), source }) },
  { weight: 3, arbitrary: fc.record({ do: is("revoke"), amount: amountUpTo(120), source }) },
  { weight: 5, arbitrary: fc.record({ do: is("hold"), amount: amountUpTo(60), source, life }) },
  { weight: 5, arbitrary: fc.record({ do: is("capture"), amount: fc.option(amountUpTo(30)) }) },
  { weight: 3, arbitrary: fc.record({ do: is("release") }) },
  { weight: 5, arbitrary: fc.record({ do: is("refund"), amount: fc.option(amountUpTo(30)) }) },
  { weight: 4, arbitrary: fc.record({ do: is("restore") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: is("adjust"),
      amount: amountUpTo(60),
      isDown: fc.boolean(),
      life,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: is("sweep") }) },
  { weight: 1, arbitrary: fc.record({ do: is("freeze") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: is("repeat"),
      change: fc.constantFrom("nothing", "nothing", "amount", "source"),
    }),
  },
);

/** A story of one to three users in 20 steps and more. A step shrinks to null, which is no step. */
export const ledgerStory: fc.Arbitrary<Array<LedgerStep | null>> = fc
  .integer({ min: 1, max: 3 })
  .chain((users) => {
    const step = fc.record({
      user: fc.nat(users - 1),
      time: timeMove,
      act,
      pick: fc.nat(1000),
      keyIsUsed: fc.integer({ min: 0, max: 24 }).map((n) => n === 24),
    });
    const seldomNull = fc.option(step, { freq: 1000 });
    return fc.array(seldomNull, { minLength: 21, maxLength: 26, size: "max" });
  });
