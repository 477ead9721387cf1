import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import Stripe from "stripe";
import type { Tables } from "./tables";
import { emptyTables } from "./tables";

type Rows<T> = T extends Map<infer K, infer V> ? [K, V][] : never;

interface Saved {
  version: 1;
  clockOffsetMs: number;
  tables: { [Name in keyof Tables]?: Rows<Tables[Name]> };
}

export interface Remembered {
  clockOffsetMs: number;
  tables: Tables;
}

/** Reads a snapshot; a file that is not there means an empty memory. */
export function loadSnapshot(file: string): Remembered {
  const text = readIfPresent(file);
  const remembered = { clockOffsetMs: 0, tables: emptyTables() };
  if (text === null) {
    return remembered;
  }
  const saved: Saved = JSON.parse(text, reviveDecimal);
  remembered.clockOffsetMs = saved.clockOffsetMs;
  for (const name of tableNames(remembered.tables)) {
    refill(remembered.tables, saved.tables, name);
  }
  return remembered;
}

/** Writes to a neighbour and renames, so that a crash leaves the old snapshot whole. */
export function saveSnapshot(file: string, { clockOffsetMs, tables }: Remembered): void {
  mkdirSync(dirname(file), { recursive: true });
  const saved = { version: 1, clockOffsetMs, tables };
  const text = JSON.stringify(saved, (_key, value: unknown) =>
    value instanceof Map ? [...value] : value,
  );
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function refill<Name extends keyof Tables>(tables: Tables, saved: Saved["tables"], name: Name) {
  const table: Map<string, unknown> = tables[name];
  for (const [id, row] of saved[name] ?? []) {
    table.set(id, row);
  }
}

function tableNames(tables: Tables): (keyof Tables)[] {
  const isName = (key: string): key is keyof Tables => key in tables;
  return Object.keys(tables).filter(isName);
}

function readIfPresent(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return null;
    }
    throw error;
  }
}

/** Stripe's decimals travel as strings and live as `Stripe.Decimal`. */
function reviveDecimal(key: string, value: unknown): unknown {
  return key.endsWith("_decimal") && typeof value === "string" ? Stripe.Decimal.from(value) : value;
}
