import type { CreditModel } from "@qiflow/ledger-model";
import { later, type ModelAccount } from "@qiflow/ledger-model/account";
import type { LedgerCall } from "./ledger-calls";
import type { Act, Amount, LedgerStep, TimeMove, Validity } from "./ledger-steps";
import { edgesOf } from "./ledger-twin";

/** The state in which a step is taken: what its choices ("the third hold", "all there is") mean. */
export interface DistributionFixture {
  readonly model: CreditModel;
  /** The story's time. */
  readonly clock: Date;
  /** Calls made before for this user, refused ones too. */
  readonly earlier: readonly LedgerCall[];
  readonly newKey: () => string;
}

type FreshAct = Exclude<Act, { do: "repeat" }>;

const HOLD_MS = 600_000;
const ANY_GRANT = {
  do: "grant",
  type: "PURCHASE_PACKAGE",
  source: "checkout:a",
  life: { is: "for", ms: 4_000 * HOLD_MS },
  paid: true,
  priority: 0,
} as const;

/** Where the story's time stands after a step's move. */
export function moveClock(move: TimeMove, { model, clock }: DistributionFixture): Date {
  if (move.to === "later") return new Date(clock.getTime() + move.ms);
  if (move.to !== "edge") return clock;
  const ahead = edgesOf(model).filter((at) => at > clock.getTime());
  const edge = ahead[Math.min(move.nth, ahead.length - 1)] ?? clock.getTime();
  return new Date(Math.max(clock.getTime(), edge + move.offsetMs));
}

/** The call that a step makes in its fixture. */
export function callOf(step: LedgerStep, fixture: DistributionFixture): LedgerCall {
  const { act, time, pick } = step;
  const now = new Date(fixture.clock.getTime() - (time.to === "earlier" ? time.ms : 0));
  if (fixture.model.account.frozen && pick % 2 === 0)
    return { write: "freeze", input: { frozen: false, now } };
  if (act.do === "repeat") return repeatedCall(act, { fixture, pick, now });
  const usedKey = step.keyIsUsed ? nth(usedKeys(fixture.model.account), pick) : undefined;
  const key = usedKey ?? fixture.newKey();
  return freshCall(prepared(act, fixture, pick), { fixture, pick, now, key });
}

/** Most often a step that needs what the account lacks makes that: no hold to capture, so it holds. */
function prepared(act: FreshAct, fixture: DistributionFixture, pick: number): FreshAct {
  if (pick % 4 === 0) return act;
  const { account } = fixture.model;
  const amount = { is: "number", credits: 1 + (pick % 40) } as const;
  const source = "checkout:a";
  if ((act.do === "spend" || act.do === "hold") && availableAt(fixture) < 20)
    return { ...ANY_GRANT, amount: { is: "number", credits: 20 + (pick % 150) } };
  const canCapture = openHolds(account).some((hold) => hold.expiresAt > fixture.clock);
  if (act.do === "hold" && canCapture && pick % 2 === 1)
    return { do: "capture", amount: pick % 3 === 0 ? null : { is: "all", offset: -(pick % 7) } };
  if ((act.do === "capture" || act.do === "release") && !canCapture)
    return { do: "hold", amount, source, life: { is: "for", ms: 30 * HOLD_MS } };
  if (act.do === "refund" && spendsOf(account).length === 0) return { do: "spend", amount, source };
  if (act.do === "restore" && standingRevocationsOf(account).length === 0)
    return { do: "revoke", amount, source };
  return act;
}

/** What there is to spend at the fixture's time. */
function availableAt({ model, clock }: DistributionFixture): number {
  return model.balanceAsOf(later(clock, model.account.asOf)).available;
}

interface Choice {
  readonly fixture: DistributionFixture;
  readonly pick: number;
  readonly now: Date;
}

function freshCall(act: FreshAct, choice: Choice & { readonly key: string }): LedgerCall {
  const { fixture, pick, now, key } = choice;
  const { account } = fixture.model;
  const available = availableAt(fixture);
  switch (act.do) {
    case "grant": {
      const { type, source, paid, priority } = act;
      const amount = amountOf(act.amount, 50);
      const expiresAt = expiryOf(act.life, choice);
      return {
        write: "grant",
        input: { key, amount, type, source, expiresAt, paid, priority, now },
      };
    }
    case "spend":
    case "revoke": {
      const amount = amountOf(act.amount, available);
      return { write: act.do, input: { key, amount, source: act.source, now } };
    }
    case "adjust": {
      const size = amountOf(act.amount, available);
      const amount = act.isDown ? 0 - size : size;
      const expiresAt = expiryOf(act.life, choice);
      return { write: "adjust", input: { key, amount, source: "admin:form", expiresAt, now } };
    }
    case "hold": {
      const amount = amountOf(act.amount, available);
      const expiresAt = expiryOf(act.life, choice) ?? new Date(now.getTime() + HOLD_MS);
      return { write: "hold", input: { key, amount, source: act.source, expiresAt, now } };
    }
    case "capture": {
      const held = pickFrom(openHolds(account), account.holds, pick);
      const part = act.amount === null ? {} : { amount: amountOf(act.amount, held?.amount ?? 1) };
      return { write: "capture", input: { holdKey: held?.key ?? "no hold", key, ...part, now } };
    }
    case "release": {
      const held = pickFrom(openHolds(account), account.holds, pick);
      return { write: "release", input: { holdKey: held?.key ?? "no hold", key, now } };
    }
    case "refund": {
      const spent = pickFrom(spendsOf(account), account.transactions, pick);
      const all = Math.abs(spent?.amount ?? 0);
      const part = act.amount === null ? {} : { amount: amountOf(act.amount, all) };
      return { write: "refund", input: { spendSeq: spent?.seq ?? pick, key, ...part, now } };
    }
    case "restore": {
      const revoked = pickFrom(standingRevocationsOf(account), revocationsOf(account), pick);
      return { write: "restore", input: { revokeSeq: revoked?.seq ?? pick, key, now } };
    }
    case "sweep":
      return { write: "sweep", input: { now } };
    case "freeze":
      return { write: "freeze", input: { frozen: !account.frozen, now } };
  }
}

/** An earlier call at the present instant, with the same payload or another one. */
function repeatedCall(
  { change }: Extract<Act, { do: "repeat" }>,
  { fixture, pick, now }: Choice,
): LedgerCall {
  const call = nth(fixture.earlier, pick);
  if (call === undefined) return { write: "sweep", input: { now } };
  const more = (amount: number | undefined) =>
    change === "amount" ? { amount: (amount ?? 1) + 1 } : {};
  const other = change === "source" ? { source: "checkout:other" } : {};
  switch (call.write) {
    case "grant":
      return {
        write: call.write,
        input: { ...call.input, ...more(call.input.amount), ...other, now },
      };
    case "spend":
    case "revoke":
      return {
        write: call.write,
        input: { ...call.input, ...more(call.input.amount), ...other, now },
      };
    case "hold":
      return {
        write: call.write,
        input: { ...call.input, ...more(call.input.amount), ...other, now },
      };
    case "adjust":
      return {
        write: call.write,
        input: { ...call.input, ...more(call.input.amount), ...other, now },
      };
    case "capture":
      return { write: call.write, input: { ...call.input, ...more(call.input.amount), now } };
    case "refund":
      return { write: call.write, input: { ...call.input, ...more(call.input.amount), now } };
    case "release":
      return { write: call.write, input: { ...call.input, now } };
    case "restore":
      return { write: call.write, input: { ...call.input, now } };
    case "sweep":
    case "freeze":
      return { write: "sweep", input: { now } };
  }
}

function amountOf(amount: Amount, all: number): number {
  return amount.is === "number" ? amount.credits : all + amount.offset;
}

function expiryOf(life: Validity, { fixture, pick, now }: Choice): Date | null {
  if (life.is === "for") return new Date(now.getTime() + life.ms);
  if (life.is === "never") return null;
  return nth(fixture.model.account.lots, pick)?.expiresAt ?? null;
}

function openHolds(account: Readonly<ModelAccount>) {
  return account.holds.filter((hold) => hold.status === "open");
}

function spendsOf(account: Readonly<ModelAccount>) {
  return account.transactions.filter((row) => row.type === "USAGE");
}

function revocationsOf(account: Readonly<ModelAccount>) {
  return account.transactions.filter((row) => row.type === "REVOKE");
}

/** Those that nobody has undone. */
function standingRevocationsOf(account: Readonly<ModelAccount>) {
  return revocationsOf(account).filter(
    ({ seq }) => !account.transactions.some((undo) => undo.relatedSeq === seq),
  );
}

function usedKeys(account: Readonly<ModelAccount>): string[] {
  return [
    ...account.transactions.map((row) => row.key),
    ...account.holds.flatMap((hold) => [hold.key, hold.releaseKey ?? hold.key]),
  ];
}

/** One of the suitable ones; sometimes, or if there are none, any one of all. */
function pickFrom<Item>(
  suitable: readonly Item[],
  all: readonly Item[],
  pick: number,
): Item | undefined {
  return nth(suitable.length > 0 && pick % 5 > 0 ? suitable : all, pick);
}

function nth<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items[pick % Math.max(1, items.length)];
}
