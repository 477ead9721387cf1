import { z } from "zod";
import { addMonths, type Month, startOfMonth } from "@/lib/local-day";
import { isPlainText } from "@/lib/plain-text";
import { creditType } from "../schema";
import type { LedgerFilter } from "./search";

const month = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/);
const sequenceNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const text = z.string().trim().max(200).refine(isPlainText);

/**
 * The query parameters of a ledger page: `?type=USAGE&from=2026-03&q=reading&before=120`. An invalid
 * value, or `any`, does not filter.
 */
export const ledgerAddress = z.object({
  type: z.enum(creditType.enumValues).nullable().catch(null).default(null),
  /** The first and the last month, inclusive. */
  from: month.nullable().catch(null).default(null),
  to: month.nullable().catch(null).default(null),
  q: text.nullable().catch(null).default(null),
  order: z.enum(["newest", "oldest"]).catch("newest").default("newest"),
  /** Entries older than this sequence number, or newer than this one. */
  before: sequenceNumber.nullable().catch(null).default(null),
  after: sequenceNumber.nullable().catch(null).default(null),
});
export type LedgerAddress = z.output<typeof ledgerAddress>;

/** Converts query parameters to a filter. Months are those of `timeZone`, in either order. */
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
