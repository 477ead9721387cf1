import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import Stripe from "stripe";
import { Tables } from "./tables";

interface SavedState {
  clockOffsetMs: number;
  tables: Tables;
}

/** Reads a snapshot. A missing file means an empty account. */
export function loadSnapshot(file: string): SavedState {
  const state: SavedState = { clockOffsetMs: 0, tables: new Tables() };
  if (!existsSync(file)) {
    return state;
  }
  const saved: { clockOffsetMs: number; tables: Record<string, [string, never][]> } = JSON.parse(
    readFileSync(file, "utf8"),
    reviveDecimal,
  );
  for (const [name, table] of Object.entries(state.tables)) {
    for (const [id, row] of saved.tables[name] ?? []) {
      table.set(id, row);
    }
  }
  detachUnknownSchedules(state.tables);
  return { ...state, clockOffsetMs: saved.clockOffsetMs };
}

/** Snapshots of earlier versions hold the ids of schedules, not the schedules. */
function detachUnknownSchedules({ subscriptions, subscriptionSchedules }: Tables): void {
  for (const subscription of subscriptions.values()) {
    if (!subscriptionSchedules.has(subscription.schedule ?? "")) subscription.schedule = null;
  }
}

/** Writes to a temporary file and renames it, so that a crash leaves the old snapshot intact. */
export function saveSnapshot(file: string, state: SavedState): void {
  mkdirSync(dirname(file), { recursive: true });
  const text = JSON.stringify(state, (_key, value: unknown) =>
    value instanceof Map ? [...value] : value,
  );
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Stripe's decimals are strings in JSON and `Stripe.Decimal` in memory. */
function reviveDecimal(key: string, value: unknown): unknown {
  return key.endsWith("_decimal") && typeof value === "string" ? Stripe.Decimal.from(value) : value;
}
