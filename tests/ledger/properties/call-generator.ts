import type { CreditModel } from "@qiflow/ledger-model";
import { later, type ModelAccount } from "@qiflow/ledger-model/account";
import { millisecondsInMinute } from "date-fns/constants";
import type { LedgerCall } from "../calls";
import { boundariesOf } from "./mirrored-account";
import type { Action, Amount, By, LedgerStep, TimeMove, Validity } from "./steps";

/** The state that resolves a step to a call. */
export interface StepContext {
  readonly model: CreditModel;
  /** The time of the sequence. */
  readonly clock: Date;
  /** Earlier calls for this user, including refused ones. */
  readonly earlier: readonly LedgerCall[];
  readonly newKey: () => string;
  /** The two services of the sequence. */
  readonly services: readonly [string, string];
}

type NewAction = Exclude<Action, { kind: "repeat" }>;

const HOLD_MS = 10 * millisecondsInMinute;
const ANY_GRANT = {
  kind: "grant",
  type: "PURCHASE_PACKAGE",
  source: "checkout:a",
  validity: { is: "for", ms: 4_000 * HOLD_MS },
  paid: true,
  priority: 0,
} as const;

/** Returns the time after a step's move. */
export function moveClock(
  move: TimeMove,
  { model, clock }: Pick<StepContext, "model" | "clock">,
): Date {
  if (move.to === "later") return new Date(clock.getTime() + move.ms);
  if (move.to !== "boundary") return clock;
  const ahead = boundariesOf(model).filter((at) => at > clock.getTime());
  const boundary = ahead[Math.min(move.nth, ahead.length - 1)] ?? clock.getTime();
  return new Date(Math.max(clock.getTime(), boundary + move.offsetMs));
}

/** Resolves a step to a call. */
export function callOf(step: LedgerStep, context: StepContext): LedgerCall {
  const { action, time, pick } = step;
  const now = new Date(context.clock.getTime() + skewOf(time));
  if (context.model.account.frozen && pick % 2 === 0)
    return { write: "freeze", input: { frozen: false, now } };
  if (action.kind === "repeat") return repeatedCall(action, { context, pick, now });
  const usedKey = step.reusesKey ? nth(usedKeys(context.model.account), pick) : undefined;
  const key = usedKey ?? context.newKey();
  return newCall(applicable(action, context, pick), { context, pick, now, key });
}

/** How far the clock of a call's server differs from the sequence's clock. */
function skewOf(time: TimeMove): number {
  if (time.to === "ahead") return time.ms;
  return time.to === "earlier" ? -time.ms : 0;
}

/** Usually replaces an action that the account cannot do yet: without a hold to capture, it holds. */
function applicable(action: NewAction, context: StepContext, pick: number): NewAction {
  if (pick % 4 === 0) return action;
  const { account } = context.model;
  const amount = { is: "number", credits: 1 + (pick % 40) } as const;
  const source = "checkout:a";
  const by = { service: pick % 3 === 0 ? 0 : null, feature: null } as const;
  const canCapture = openHolds(account).some((hold) => hold.expiresAt > context.clock);
  const isCommon = ["grant", "spend", "hold", "adjust", "revoke"].includes(action.kind);
  if (isCommon && canCapture && pick % 2 === 1)
    return {
      kind: "capture",
      amount: pick % 3 === 0 ? null : { is: "all", offset: (pick % 90) - 7 },
    };
  if ((action.kind === "spend" || action.kind === "hold") && availableAt(context) < 20)
    return { ...ANY_GRANT, amount: { is: "number", credits: 20 + (pick % 150) } };
  if (action.kind === "hold" && canCapture && pick % 4 === 2)
    return { kind: "extend", amount, validity: pick % 8 === 2 ? action.validity : null };
  if (["capture", "extend", "release"].includes(action.kind) && !canCapture)
    return {
      kind: "hold",
      amount,
      source,
      by,
      validity: { is: "for", ms: (pick % 2 === 0 ? 3 : 30) * HOLD_MS },
      overrun: pick % 5 < 2 ? null : { policy: "charge", debtLimit: pick % 50 },
    };
  if (action.kind === "refund" && spendsOf(account).length === 0)
    return { kind: "spend", amount, source, by };
  if (action.kind === "restore" && standingRevocationsOf(account).length === 0)
    return { kind: "revoke", amount, source };
  return action;
}

/** Returns the available credits at the context's time. */
function availableAt({ model, clock }: StepContext): number {
  return model.balanceAsOf(later(clock, model.account.asOf)).available;
}

interface Choice {
  readonly context: StepContext;
  readonly pick: number;
  readonly now: Date;
}

function newCall(action: NewAction, choice: Choice & { readonly key: string }): LedgerCall {
  const { context, pick, now, key } = choice;
  const { account } = context.model;
  const available = availableAt(context);
  switch (action.kind) {
    case "grant": {
      const { type, source, paid, priority } = action;
      const amount = amountOf(action.amount, 50);
      const expiresAt = expiryOf(action.validity, choice);
      return {
        write: "grant",
        input: { key, amount, type, source, expiresAt, paid, priority, now },
      };
    }
    case "revoke": {
      const amount = amountOf(action.amount, available);
      return { write: "revoke", input: { key, amount, source: action.source, now } };
    }
    case "spend": {
      const amount = amountOf(action.amount, available);
      const { source, by } = action;
      return { write: "spend", input: { key, amount, source, now, ...spenderOf(by, context) } };
    }
    case "adjust": {
      const size = amountOf(action.amount, available);
      const amount = action.isDown ? 0 - size : size;
      const expiresAt = expiryOf(action.validity, choice);
      return { write: "adjust", input: { key, amount, source: "admin:form", expiresAt, now } };
    }
    case "hold": {
      const amount = amountOf(action.amount, available);
      const expiresAt = expiryOf(action.validity, choice) ?? new Date(now.getTime() + HOLD_MS);
      const { source, by } = action;
      const spender = spenderOf(by, context);
      const overrun = action.overrun === null ? {} : { overrun: action.overrun };
      return {
        write: "hold",
        input: { key, amount, source, expiresAt, now, ...spender, ...overrun },
      };
    }
    case "extend": {
      const held = pickFrom(openHolds(account), account.holds, pick);
      const part = action.amount === null ? {} : { amount: amountOf(action.amount, available) };
      const until =
        action.validity === null ? {} : { expiresAt: expiryOf(action.validity, choice) };
      return {
        write: "extend",
        input: { holdKey: held?.key ?? "no hold", key, ...part, ...until, now },
      };
    }
    case "capture": {
      const held = pickFrom(openHolds(account), account.holds, pick);
      const part =
        action.amount === null ? {} : { amount: amountOf(action.amount, held?.amount ?? 1) };
      return { write: "capture", input: { holdKey: held?.key ?? "no hold", key, ...part, now } };
    }
    case "release": {
      const held = pickFrom(openHolds(account), account.holds, pick);
      return { write: "release", input: { holdKey: held?.key ?? "no hold", key, now } };
    }
    case "refund": {
      const spent = pickFrom(spendsOf(account), account.transactions, pick);
      const all = Math.abs(spent?.amount ?? 0);
      const part = action.amount === null ? {} : { amount: amountOf(action.amount, all) };
      return { write: "refund", input: { spendSeq: spent?.seq ?? pick, key, ...part, now } };
    }
    case "restore": {
      const revoked = pickFrom(standingRevocationsOf(account), revocationsOf(account), pick);
      return { write: "restore", input: { revokeSeq: revoked?.seq ?? pick, key, now } };
    }
    case "move-expiry": {
      const expiresAt = new Date(now.getTime() + action.ms);
      return { write: "move-expiry", input: { source: action.source, expiresAt, now } };
    }
    case "limit": {
      const { service, window, amount, isHard } = action;
      const serviceId = service === null ? null : context.services[service];
      const isOfUser = action.isOfUser || serviceId === null;
      return { write: "limit", input: { isOfUser, serviceId, window, amount, isHard, now } };
    }
    case "sweep":
      return { write: "sweep", input: { now } };
    case "freeze":
      return { write: "freeze", input: { frozen: !account.frozen, now } };
  }
}

/** Repeats an earlier call now, with the same or another payload. */
function repeatedCall(
  { change }: Extract<Action, { kind: "repeat" }>,
  { context, pick, now }: Choice,
): LedgerCall {
  const call = nth(context.earlier, pick);
  if (call === undefined) return { write: "sweep", input: { now } };
  const changedAmount = (amount: number | undefined) =>
    change === "amount" ? { amount: (amount ?? 1) + 1 } : {};
  const changedSource = change === "source" ? { source: "checkout:other" } : {};
  switch (call.write) {
    case "grant":
      return {
        write: call.write,
        input: { ...call.input, ...changedAmount(call.input.amount), ...changedSource, now },
      };
    case "spend":
    case "revoke":
      return {
        write: call.write,
        input: { ...call.input, ...changedAmount(call.input.amount), ...changedSource, now },
      };
    case "hold":
      return {
        write: call.write,
        input: { ...call.input, ...changedAmount(call.input.amount), ...changedSource, now },
      };
    case "adjust":
      return {
        write: call.write,
        input: { ...call.input, ...changedAmount(call.input.amount), ...changedSource, now },
      };
    case "extend":
      return {
        write: call.write,
        input: { ...call.input, ...changedAmount(call.input.amount), now },
      };
    case "capture":
      return {
        write: call.write,
        input: { ...call.input, ...changedAmount(call.input.amount), now },
      };
    case "refund":
      return {
        write: call.write,
        input: { ...call.input, ...changedAmount(call.input.amount), now },
      };
    case "release":
      return { write: call.write, input: { ...call.input, now } };
    case "restore":
      return { write: call.write, input: { ...call.input, now } };
    case "move-expiry":
      return { write: call.write, input: { ...call.input, now } };
    case "limit":
      return { write: call.write, input: { ...call.input, now } };
    case "sweep":
    case "freeze":
      return { write: "sweep", input: { now } };
  }
}

function spenderOf({ service, feature }: By, { services }: StepContext) {
  return {
    ...(service !== null && { serviceId: services[service] }),
    ...(feature !== null && { feature }),
  };
}

function amountOf(amount: Amount, all: number): number {
  return amount.is === "number" ? amount.credits : all + amount.offset;
}

function expiryOf(validity: Validity, { context, pick, now }: Choice): Date | null {
  if (validity.is === "for") return new Date(now.getTime() + validity.ms);
  if (validity.is === "never") return null;
  return nth(context.model.account.lots, pick)?.expiresAt ?? null;
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

/** Revocations without a restoration. */
function standingRevocationsOf(account: Readonly<ModelAccount>) {
  return revocationsOf(account).filter(
    ({ seq }) => !account.transactions.some((row) => row.relatedSeq === seq),
  );
}

function usedKeys(account: Readonly<ModelAccount>): string[] {
  return [
    ...account.transactions.map((row) => row.key),
    ...account.holds.flatMap((hold) => [hold.key, hold.releaseKey ?? hold.key]),
    ...account.extensions.map((row) => row.key),
  ];
}

/** Picks a suitable item; sometimes, or if there is none, any item. */
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
