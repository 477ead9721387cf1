import { z } from "zod";
import { addMonths, type Month, startOfMonth } from "@/lib/local-day";
import { creditType } from "../schema";
import type { LedgerFilter } from "./search";
import { LEDGER_ORDERS } from "./search-orders";

const month = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/);
const number = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
// Postgres keeps no text with this character in it.
const text = z
  .string()
  .trim()
  .max(200)
  .refine((typed) => !typed.includes("\0"));

/**
 * What an address says of a ledger: `?type=USAGE&from=2026-03&q=reading&before=120`. Where it says
 * nonsense, or `any`, that part does not narrow.
 */
export const ledgerAddress = z.object({
  type: z.enum(creditType.enumValues).nullable().catch(null).default(null),
  /** The first and the last month. */
  from: month.nullable().catch(null).default(null),
  to: month.nullable().catch(null).default(null),
  q: text.nullable().catch(null).default(null),
  /** Which entries come first. */
  order: z.enum(LEDGER_ORDERS).catch("newest").default("newest"),
  /** Entries older than this number, or newer than this one. */
  before: number.nullable().catch(null).default(null),
  after: number.nullable().catch(null).default(null),
});
export type LedgerAddress = z.output<typeof ledgerAddress>;

/** The filter that an address asks for, its months being those of a time zone, in either order. */
export function ledgerFilter(
  { type, from, to, q }: Pick<LedgerAddress, "type" | "from" | "to" | "q">,
  timeZone: string,
): LedgerFilter {
  const [first, last] = from !== null && to !== null && from > to ? [to, from] : [from, to];
  const startOf = (name: Month) => startOfMonth(name, timeZone);
  return {
    type,
    from: first === null ? null : startOf(first),
    to: last === null ? null : startOf(addMonths(last, 1)),
    text: q === "" ? null : q,
  };
}
