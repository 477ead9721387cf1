import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import Stripe from "stripe";
import { Tables } from "./tables";

interface Remembered {
  clockOffsetMs: number;
  tables: Tables;
}

/** Reads a snapshot; a file that is not there means an empty memory. */
export function loadSnapshot(file: string): Remembered {
  const remembered: Remembered = { clockOffsetMs: 0, tables: new Tables() };
  if (!existsSync(file)) {
    return remembered;
  }
  const saved: { clockOffsetMs: number; tables: Record<string, [string, never][]> } = JSON.parse(
    readFileSync(file, "utf8"),
    reviveDecimal,
  );
  for (const [name, table] of Object.entries(remembered.tables)) {
    for (const [id, row] of saved.tables[name] ?? []) {
      table.set(id, row);
    }
  }
  return { ...remembered, clockOffsetMs: saved.clockOffsetMs };
}

/** Writes to a neighbour and renames, so that a crash leaves the old snapshot whole. */
export function saveSnapshot(file: string, remembered: Remembered): void {
  mkdirSync(dirname(file), { recursive: true });
  const text = JSON.stringify(remembered, (_key, value: unknown) =>
    value instanceof Map ? [...value] : value,
  );
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Stripe's decimals travel as strings and live as `Stripe.Decimal`. */
function reviveDecimal(key: string, value: unknown): unknown {
  return key.endsWith("_decimal") && typeof value === "string" ? Stripe.Decimal.from(value) : value;
}
