import fc from "fast-check";

/** What a customer, the operator or a bank does. `pick` selects the purchase, charge or invoice. */
export type Action =
  | { readonly do: "buy"; readonly item: Item; readonly how: "card" | "later" }
  /** Two pages of the same kind are opened, and both are paid. */
  | { readonly do: "buy twice"; readonly kind: "lifetime" | "subscription" }
  | { readonly do: "settle debit"; readonly outcome: "succeed" | "fail" }
  | { readonly do: "credit balance"; readonly cents: number }
  | { readonly do: "refund"; readonly percent: number; readonly pick: number }
  | { readonly do: "fail refund"; readonly pick: number }
  | {
      readonly do: "dispute";
      readonly percent: number;
      readonly isForeign: boolean;
      readonly pick: number;
    }
  | { readonly do: "close dispute"; readonly outcome: "win" | "lose"; readonly pick: number }
  /** At once, or at the period's end to a lower tier. To the other interval if the plan is held already. */
  | { readonly do: "switch plan"; readonly to: SwitchItem }
  | { readonly do: "cancel at period end" | "resume" }
  /** The operator schedules the move to the second version of the prices of pro. */
  | { readonly do: "migrate price"; readonly noticeDays: number }
  /** Waits until a day before the next renewal, when the tick changes the price if that is due. */
  | { readonly do: "approach renewal" }
  /** Waits for the next renewal, which fails once (past due) or permanently. */
  | { readonly do: "fail renewal"; readonly forGood: boolean }
  | { readonly do: "pay open invoice"; readonly pick: number }
  | { readonly do: "delete account"; readonly paysAfter: boolean }
  | { readonly do: "spend" | "backfill" | "distribute" | "compare" }
  | { readonly do: "wait"; readonly days: number };

export type SwitchItem = "pro-monthly" | "pro-yearly" | "max-monthly" | "max-yearly";
/** `solo-monthly` begins with a trial. */
export type Item = "pack-basic" | "pack-enterprise" | SwitchItem | "solo-monthly" | "lifetime";

/**
 * How the events of a step arrive. `late` ones arrive shuffled with those of later steps; `lost` ones
 * are only found by a backfill.
 */
export type Delivery =
  | "in order"
  | "shuffled"
  | "twice"
  | "at once"
  | "some late"
  | "late"
  | "lost";

export interface Step {
  readonly action: Action;
  readonly delivery: Delivery;
  /** Which of the two servers acts. Their clocks differ. */
  readonly server: 0 | 1;
  /** Whether the Stripe calls in the outbox run after the step. */
  readonly runsCalls: boolean;
  /** Seed of the step's random order. */
  readonly order: number;
}

export interface History {
  /** How far the second server's clock is ahead. */
  readonly clockOffsetMinutes: number;
  /** Whether credits are spent at once or just before they expire. Credits never expire unused. */
  readonly spends: "at once" | "late";
  /** Null is a step that shrinking has removed. */
  readonly steps: readonly (Step | null)[];
}

const is = <Value extends string>(value: Value) => fc.constant(value);
const pick = fc.nat(20);
const percent = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 99 }) },
  { weight: 2, arbitrary: fc.constantFrom(100, 50, 33, 94, 95, 96) },
);
const smallPercent = fc.integer({ min: 1, max: 30 });
const anyItem = fc.constantFrom<Item>(
  "pack-basic",
  "pack-enterprise",
  "pro-monthly",
  "pro-yearly",
  "max-monthly",
  "max-yearly",
  "solo-monthly",
  "lifetime",
  "lifetime",
);
const plan = fc.constantFrom<Item>(
  "pro-monthly",
  "pro-monthly",
  "pro-yearly",
  "max-monthly",
  "max-yearly",
);
const pro = fc.constantFrom<Item>("pro-monthly", "pro-yearly");
const anyPlan = fc.constantFrom<Item>("pro-monthly", "max-yearly", "lifetime");
const switchItem = fc.constantFrom<SwitchItem>(
  "pro-monthly",
  "pro-yearly",
  "max-monthly",
  "max-yearly",
);

const buys = (item: fc.Arbitrary<Item>, how: fc.Arbitrary<"card" | "later"> = is("card")) =>
  fc.record({ do: is("buy"), item, how });
const waits = (min: number, max: number) =>
  fc.record({ do: is("wait"), days: fc.integer({ min, max }) });
const refunds = (share: fc.Arbitrary<number>) =>
  fc.record({ do: is("refund"), percent: share, pick });
const disputes = fc.record({ do: is("dispute"), percent, isForeign: fc.boolean(), pick });
const closes = fc.record({
  do: is("close dispute"),
  outcome: fc.constantFrom("win", "lose", "lose"),
  pick,
});
const switchesTo = (to: fc.Arbitrary<SwitchItem>) => fc.record({ do: is("switch plan"), to });
const switches = switchesTo(switchItem);
const upgrades = switchesTo(fc.constantFrom("max-monthly", "max-yearly"));
const compares = fc.record({ do: is("compare") });
const paysInvoice = fc.record({ do: is("pay open invoice"), pick });
const creditsBalance = fc.record({
  do: is("credit balance"),
  cents: fc.constantFrom(500, 990, 5_000, 20_000),
});
const buysTwice = fc.record({
  do: is("buy twice"),
  kind: fc.constantFrom("lifetime", "subscription"),
});
const failsRefund = fc.record({ do: is("fail refund"), pick });
const failsRenewal = fc.record({ do: is("fail renewal"), forGood: fc.boolean() });
const endsUnpaid = fc.record({ do: is("fail renewal"), forGood: fc.constant(true) });
const migrates = fc.record({
  do: is("migrate price"),
  noticeDays: fc.constantFrom(7, 7, 25, 40),
});
const approaches = fc.record({ do: is("approach renewal") });
const settlesDebit = (outcome: fc.Arbitrary<"succeed" | "fail">) =>
  fc.record({ do: is("settle debit"), outcome });

const anything: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: buys(anyItem, fc.constantFrom("card", "card", "later")) },
  { weight: 1, arbitrary: buysTwice },
  {
    weight: 2,
    arbitrary: settlesDebit(fc.constantFrom("succeed", "fail")),
  },
  { weight: 1, arbitrary: creditsBalance },
  { weight: 4, arbitrary: refunds(percent) },
  { weight: 2, arbitrary: failsRefund },
  { weight: 2, arbitrary: disputes },
  { weight: 2, arbitrary: closes },
  { weight: 2, arbitrary: switches },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("cancel at period end", "resume") }) },
  { weight: 1, arbitrary: failsRenewal },
  { weight: 1, arbitrary: paysInvoice },
  { weight: 1, arbitrary: fc.record({ do: is("spend") }) },
  { weight: 1, arbitrary: fc.record({ do: is("backfill") }) },
  { weight: 1, arbitrary: fc.record({ do: is("distribute") }) },
  { weight: 2, arbitrary: compares },
  { weight: 3, arbitrary: waits(1, 12) },
  { weight: 2, arbitrary: waits(25, 70) },
);

/** An action, and how its events arrive and whether our calls run, if that matters. */
interface PlannedAction extends Partial<Pick<Step, "delivery" | "server" | "runsCalls">> {
  readonly action: Action;
}

const sequence = (...actions: fc.Arbitrary<Action>[]): fc.Arbitrary<PlannedAction[]> =>
  fc.tuple(...actions).map((all) => all.map((action) => ({ action })));

/**
 * Refunds of one charge within minutes, each handled by another server than the one before. Whichever
 * server's clock is ahead, one refund follows a later instant and is compared.
 */
const quickRefunds: fc.Arbitrary<PlannedAction[]> = fc
  .tuple(buys(anyItem), refunds(smallPercent), smallPercent, smallPercent)
  .map(([bought, first, secondPercent, thirdPercent]) => [
    { action: bought, delivery: "in order" },
    { action: first, delivery: "in order", server: 0 },
    { action: { ...first, percent: secondPercent }, delivery: "in order", server: 1 },
    { action: { do: "compare" } },
    { action: { ...first, percent: thirdPercent }, delivery: "in order", server: 0 },
  ]);

/**
 * A subscription ends unpaid, its owner may buy another plan, and the invoice is paid before our call has
 * voided it.
 */
const latePayment: fc.Arbitrary<PlannedAction[]> = fc
  .tuple(buys(plan), endsUnpaid, fc.option(buys(anyPlan)), paysInvoice)
  .map(([bought, ended, other, paid]) => [
    { action: bought },
    { action: ended, runsCalls: false },
    ...(other === null ? [] : [{ action: other, runsCalls: false }]),
    { action: paid },
    { action: { do: "compare" } },
  ]);

/** The shares from which a reversal counts as whole although it returns less. */
const nearlyWhole = fc.constantFrom(95, 95, 96, 98);

/** A month is refunded in full and switched before our call has cancelled its subscription. */
const switchAfterRefund: fc.Arbitrary<PlannedAction[]> = fc
  .tuple(
    buys(is("pro-monthly")),
    waits(1, 9),
    refunds(fc.constant(100)),
    switchesTo(fc.constantFrom("pro-yearly", "max-yearly")),
  )
  .map(([bought, waited, refunded, switched]) => [
    { action: bought },
    { action: waited },
    { action: refunded, runsCalls: false },
    { action: switched },
    { action: { do: "wait", days: 5 } },
  ]);

/** Steps that customers typically take in sequence. Random steps are mixed in. */
const episodes: readonly fc.Arbitrary<PlannedAction[]>[] = [
  quickRefunds,
  sequence(buys(anyItem), refunds(percent), waits(1, 40), refunds(percent)),
  sequence(buys(plan), refunds(percent), waits(20, 100), refunds(percent)),
  sequence(buys(anyItem), disputes, waits(1, 40), closes),
  sequence(
    buys(plan),
    fc.record({ do: is("fail renewal"), forGood: fc.constant(false) }),
    buys(is("lifetime")),
    fc.record({ do: is("compare") }),
    waits(3, 12),
  ),
  sequence(buys(plan), failsRenewal, paysInvoice, waits(1, 40)),
  latePayment,
  sequence(buys(anyItem), refunds(nearlyWhole), compares, waits(1, 40)),
  sequence(
    buys(anyItem),
    fc.record({ do: is("dispute"), percent: nearlyWhole, isForeign: fc.constant(false), pick }),
    fc.record({ do: is("close dispute"), outcome: is("lose"), pick }),
    compares,
  ),
  // Tiers: up, and perhaps down again at the period's end or to another interval.
  sequence(buys(pro), waits(1, 20), upgrades, waits(1, 40), refunds(percent), waits(1, 40)),
  sequence(buys(pro), waits(1, 9), upgrades, waits(1, 9), switches, waits(20, 40), switches),
  sequence(
    buys(plan),
    waits(1, 20),
    switches,
    waits(1, 12),
    refunds(fc.constant(100)),
    waits(1, 40),
  ),
  // A bank debit settles after a switch.
  sequence(
    buys(plan, is("later")),
    waits(1, 5),
    switches,
    waits(1, 4),
    settlesDebit(fc.constantFrom("succeed", "succeed", "fail")),
    waits(11, 60),
  ),
  // A trial that converts, is cancelled, or cannot be charged.
  sequence(
    buys(is("solo-monthly")),
    waits(1, 12),
    fc.oneof(
      waits(5, 40),
      fc.record({ do: is("cancel at period end") }),
      failsRenewal,
      buys(is("lifetime")),
    ),
    fc.oneof(waits(5, 40), refunds(percent)),
    waits(5, 40),
  ),
  // Subscribers are moved to another version of their price at a renewal, or leave before it.
  sequence(
    buys(is("pro-monthly")),
    waits(1, 9),
    migrates,
    approaches,
    waits(2, 12),
    compares,
    fc.oneof(approaches, switches, refunds(percent)),
    waits(2, 40),
  ),
  sequence(
    buys(pro),
    migrates,
    fc.oneof(switches, upgrades, fc.record({ do: is("cancel at period end") })),
    fc.oneof(waits(1, 9), fc.record({ do: is("resume") })),
    approaches,
    waits(2, 12),
    compares,
    migrates,
    waits(1, 40),
  ),
  sequence(buysTwice, waits(1, 40)),
  switchAfterRefund,
  sequence(buys(plan), waits(1, 40), switches, waits(1, 40), switches, waits(20, 40)),
  fc
    .oneof(
      fc.tuple(is<Item>("lifetime"), is<Item>("lifetime")),
      fc.tuple(plan, plan),
      fc.tuple(is<Item>("lifetime"), plan),
      fc.tuple(plan, is<Item>("lifetime")),
    )
    .chain(([first, second]) =>
      sequence(
        buys(is(first)),
        refunds(fc.constant(100)),
        buys(is(second)),
        failsRefund,
        waits(1, 40),
      ),
    ),
  sequence(
    buys(plan, is("later")),
    buys(is("lifetime")),
    refunds(fc.constant(100)),
    fc.oneof(failsRefund, waits(11, 12)),
    fc.oneof(failsRefund, waits(11, 12)),
    waits(1, 40),
  ),
  sequence(creditsBalance, buys(plan), refunds(fc.constantFrom(100, 50, 96)), waits(1, 40)),
  sequence(
    fc.record({ do: is("credit balance"), cents: fc.constant(500) }),
    buys(pro),
    refunds(fc.constantFrom(50, 90)),
    compares,
  ),
  sequence(buys(anyItem), fc.record({ do: is("delete account"), paysAfter: fc.boolean() })),
];

/** Begins with the episode of this number, so that few histories are enough for every kind. */
const actionsOf = (first: number): fc.Arbitrary<PlannedAction[]> =>
  fc
    .tuple(
      episodes[first % episodes.length] ?? quickRefunds,
      fc.array(
        fc.oneof(
          { weight: 2, arbitrary: fc.oneof(...episodes) },
          { weight: 1, arbitrary: sequence(anything, anything) },
        ),
        { maxLength: 2, size: "max" },
      ),
    )
    .map(([begin, rest]) => [...begin, ...rest.flat()]);

const delivery = fc.constantFrom<Delivery>(
  "in order",
  "shuffled",
  "twice",
  "at once",
  "some late",
  "late",
  "lost",
);

/** A random history of one customer. Shrinking removes steps and simplifies the rest. */
export const historiesOf = (seed: number): fc.Arbitrary<History> =>
  fc.record({
    clockOffsetMinutes: fc.constantFrom(0, 3, -3, 60, -60, 17),
    spends: fc.constantFrom("late", "at once"),
    steps: actionsOf(seed).chain((list) =>
      fc.tuple(
        ...list.map((planned) =>
          fc.option(
            fc.record({
              action: fc.constant(planned.action),
              delivery: planned.delivery === undefined ? delivery : fc.constant(planned.delivery),
              server:
                planned.server === undefined
                  ? fc.constantFrom<0 | 1>(0, 1)
                  : fc.constant(planned.server),
              runsCalls:
                planned.runsCalls === undefined ? fc.boolean() : fc.constant(planned.runsCalls),
              order: fc.nat(999),
            }),
            { freq: 1_000_000 },
          ),
        ),
      ),
    ),
  });

/** The steps as readable lines. */
export function describeHistory(history: History): string {
  const steps = history.steps.filter((step) => step !== null);
  return [
    `second server ${history.clockOffsetMinutes} min ahead, credits spent ${history.spends}`,
    ...steps.map(({ action, delivery: way, server, runsCalls }, index) => {
      const { do: verb, ...details } = action;
      const given = Object.entries(details).map(([name, value]) => `${name} ${value}`);
      const calls = runsCalls ? ", then Stripe calls" : "";
      return `${index + 1}. ${[verb, ...given].join(", ")} (events ${way}, server ${server}${calls})`;
    }),
  ].join("\n");
}
