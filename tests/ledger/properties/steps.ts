import type { CreditType } from "@qiflow/ledger-model/account";
import type { SpendWindow } from "@qiflow/ledger-model/limits";
import { millisecondsInDay, millisecondsInHour } from "date-fns/constants";
import fc from "fast-check";

/**
 * One step of a random sequence. A step is a relative choice ("the third open hold", "one more than
 * available") that the current state resolves to a call, so that sequences shrink well.
 */
export interface LedgerStep {
  readonly user: number;
  readonly time: TimeMove;
  readonly action: Action;
  /** Selects the hold, spend, revocation or earlier call. */
  readonly pick: number;
  /** Uses the key of another call of this user. */
  readonly reusesKey: boolean;
}

export type TimeMove =
  | { readonly to: "stay" }
  | { readonly to: "later"; readonly ms: number }
  /** To an instant at which something begins or ends, or a millisecond beside it. */
  | { readonly to: "boundary"; readonly nth: number; readonly offsetMs: number }
  /** The clock of this call's server is behind. */
  | { readonly to: "earlier"; readonly ms: number }
  /** The clock of this call's server is ahead; the next call's is not. */
  | { readonly to: "ahead"; readonly ms: number };

export type Amount =
  | { readonly is: "number"; readonly credits: number }
  /** All that is available (to spend, capture or refund), plus an offset. */
  | { readonly is: "all"; readonly offset: number };

export type Validity =
  | { readonly is: "never" | "tie" }
  | { readonly is: "for"; readonly ms: number };

/** Who spends: the site or the nth service of the sequence; and on which feature. */
export interface By {
  readonly service: 0 | 1 | null;
  readonly feature: "a" | "b" | null;
}

type Overrun = { readonly policy: "refuse" | "cap" | "charge"; readonly debtLimit?: number };

export type Action =
  | {
      readonly kind: "grant";
      readonly amount: Amount;
      readonly type: CreditType;
      readonly source: string;
      readonly validity: Validity;
      readonly paid: boolean;
      readonly priority: number;
    }
  | { readonly kind: "revoke"; readonly amount: Amount; readonly source: string }
  | {
      readonly kind: "spend";
      readonly amount: Amount;
      readonly source: string;
      readonly by: By;
    }
  | {
      readonly kind: "hold";
      readonly amount: Amount;
      readonly source: string;
      readonly validity: Validity;
      readonly by: By;
      readonly overrun: Overrun | null;
    }
  | {
      readonly kind: "limit";
      readonly isOfUser: boolean;
      readonly service: By["service"];
      readonly window: SpendWindow;
      readonly amount: number | null;
      readonly isHard: boolean;
    }
  | {
      readonly kind: "extend";
      readonly amount: Amount | null;
      readonly validity: Validity | null;
    }
  | { readonly kind: "capture" | "refund"; readonly amount: Amount | null }
  | { readonly kind: "release" | "restore" | "sweep" | "freeze" }
  | { readonly kind: "move-expiry"; readonly source: string; readonly ms: number }
  | {
      readonly kind: "adjust";
      readonly amount: Amount;
      readonly isDown: boolean;
      readonly validity: Validity;
    }
  /** Repeats an earlier call with the same or another payload. */
  | { readonly kind: "repeat"; readonly change: "nothing" | "amount" | "source" };

const is = <Name extends string>(name: Name) => fc.constant(name);

const timeMove: fc.Arbitrary<TimeMove> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ to: is("stay") }) },
  { weight: 5, arbitrary: fc.record({ to: is("later"), ms: fc.nat(millisecondsInHour) }) },
  { weight: 2, arbitrary: fc.record({ to: is("later"), ms: fc.nat(20 * millisecondsInDay) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      to: is("boundary"),
      nth: fc.nat(2),
      offsetMs: fc.constantFrom(0, -1, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ to: is("earlier"), ms: fc.nat(millisecondsInDay) }) },
  { weight: 3, arbitrary: fc.record({ to: is("ahead"), ms: fc.nat(millisecondsInHour) }) },
);

/** Mostly up to `max`, sometimes about all that is available, rarely an invalid amount. */
function amountUpTo(max: number): fc.Arbitrary<Amount> {
  const credits = fc.integer({ min: 1, max });
  return fc.oneof(
    { weight: 12, arbitrary: fc.record({ is: is("number"), credits }) },
    { weight: 3, arbitrary: fc.record({ is: is("all"), offset: fc.constantFrom(0, 1, -1, -5) }) },
    { weight: 1, arbitrary: fc.record({ is: is("number"), credits: fc.constantFrom(0, -3) }) },
  );
}

const validity: fc.Arbitrary<Validity> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ is: is("never") }) },
  { weight: 3, arbitrary: fc.record({ is: is("tie") }) },
  { weight: 4, arbitrary: fc.record({ is: is("for"), ms: fc.nat(3 * millisecondsInDay) }) },
  { weight: 2, arbitrary: fc.record({ is: is("for"), ms: fc.nat(60 * millisecondsInDay) }) },
  { weight: 1, arbitrary: fc.record({ is: is("for"), ms: fc.constantFrom(1, 0, 2) }) },
);

const source = fc.constantFrom("checkout:a", "checkout:b", "invoice:c", "signup");

const service = fc.constantFrom<By["service"]>(null, 0, 0, 1);
const by: fc.Arbitrary<By> = fc.record({
  service,
  feature: fc.constantFrom<By["feature"]>(null, "a", "a", "a", "b"),
});

/** Half of the holds have a policy, mostly one that charges everything. */
const overrun: fc.Arbitrary<Overrun | null> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.record({ policy: fc.constantFrom("refuse" as const, "cap" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(0, 10, 60)
      .map((debtLimit) => ({ policy: "charge" as const, debtLimit })),
  },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: is("grant"),
      amount: amountUpTo(150),
      type: fc.constantFrom<CreditType>("PURCHASE_PACKAGE", "DAILY_SIGNIN", "TRIAL"),
      source,
      validity,
      paid: fc.boolean(),
      priority: fc.constantFrom(0, 0, 0, 0, -1, 2),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: is("spend"), amount: amountUpTo(60), source, by }) },
  { weight: 3, arbitrary: fc.record({ kind: is("revoke"), amount: amountUpTo(120), source }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: is("hold"),
      amount: amountUpTo(60),
      source,
      validity,
      by,
      overrun,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: is("extend"),
      amount: fc.option(amountUpTo(15), { freq: 2 }),
      validity: fc.option(validity, { freq: 2 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: is("capture"), amount: fc.option(amountUpTo(30)) }) },
  { weight: 3, arbitrary: fc.record({ kind: is("release") }) },
  { weight: 5, arbitrary: fc.record({ kind: is("refund"), amount: fc.option(amountUpTo(30)) }) },
  { weight: 4, arbitrary: fc.record({ kind: is("restore") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: is("adjust"),
      amount: amountUpTo(60),
      isDown: fc.boolean(),
      validity,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: is("move-expiry"),
      source,
      ms: fc.integer({ min: -millisecondsInDay, max: 5 * millisecondsInDay }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: is("limit"),
      isOfUser: fc.boolean(),
      service,
      window: fc.constantFrom<SpendWindow>("day", "day", "month", "total"),
      amount: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0, max: 90 }) },
        { weight: 2, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.constant(-1) },
      ),
      isHard: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: is("sweep") }) },
  { weight: 1, arbitrary: fc.record({ kind: is("freeze") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: is("repeat"),
      change: fc.constantFrom("nothing", "nothing", "amount", "source"),
    }),
  },
);

/** A sequence of more than 20 steps of one to three users. A step shrinks to null, which is skipped. */
export const ledgerSteps: fc.Arbitrary<Array<LedgerStep | null>> = fc
  .integer({ min: 1, max: 3 })
  .chain((users) => {
    const step = fc.record({
      user: fc.nat(users - 1),
      time: timeMove,
      action,
      pick: fc.nat(1000),
      reusesKey: fc.integer({ min: 0, max: 24 }).map((n) => n === 24),
    });
    const rarelyNull = fc.option(step, { freq: 1000 });
    return fc.array(rarelyNull, { minLength: 21, maxLength: 26, size: "max" });
  });
