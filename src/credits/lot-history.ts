import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { creditType } from "@/db/schema/ledger";
import { instant } from "./parameters";

/** Parts of a lot's history that are told one by one; older ones are told as a sum. */
const PARTS_SHOWN = 20;

/** A part of a lot that left it (amount above zero) or came back to it (below). */
export interface LotPart {
  /** The type of the transaction behind it; `HELD`: set aside by a hold; `SETTLED`: paid off debt. */
  readonly what: (typeof creditType.enumValues)[number] | "HELD" | "SETTLED";
  readonly amount: number;
  /** The number of that transaction (SETTLED: of the revocation); null where there is none (yet). */
  readonly seq: number | null;
  readonly source: string;
  readonly at: Date;
  /** False for what time has done and no write has booked yet. */
  readonly booked: boolean;
}

export interface LotHistory {
  /** Latest first. */
  readonly parts: readonly LotPart[];
  /** What the older parts, which are not listed, come to. */
  readonly older: { readonly count: number; readonly amount: number };
}

/**
 * Where the credits of some lots went by `at`, by the lot's number. Parts and older ones sum up to the
 * lot's amount less what it has left at `at`. A number that is no lot of the user's is left out, as is
 * a lot that nothing has left. Reads only; locks nothing.
 */
export async function getLotHistories(
  reader: Reader,
  lots: { userId: string; lotSeqs: readonly number[]; at: Date; partsShown?: number },
): Promise<ReadonlyMap<number, LotHistory>> {
  const { userId, lotSeqs, at, partsShown = PARTS_SHOWN } = lots;
  if (lotSeqs.length === 0) return new Map();
  const rows = await reader.execute(sql`
    select lot_seq, what, amount, seq, source, at, booked, older_count, older_amount
    from (
      select h.*, row_number() over latest as nth,
        count(*) over (partition by lot_seq) - ${partsShown}::integer as older_count,
        sum(amount) over (partition by lot_seq) - sum(amount) over (
          latest rows between unbounded preceding and current row) as older_amount
      from credits_lot_history(${userId}, ${sql.param(lotSeqs.map(String))}::text[]::bigint[], ${instant(at)}) h
      window latest as (partition by lot_seq order by at desc, seq desc nulls first, amount)
    ) parts
    where nth <= ${partsShown}::integer
    order by lot_seq, nth`);
  const histories = new Map<number, { parts: LotPart[]; older: LotHistory["older"] }>();
  for (const { lotSeq, older, ...part } of partRows.parse(rows)) {
    const history = histories.get(lotSeq) ?? { parts: [], older };
    history.parts.push(part);
    // The last one listed knows what lies behind it.
    history.older = older;
    histories.set(lotSeq, history);
  }
  return histories;
}

const number = z.coerce.number();
const partRows = z.array(
  z
    .object({
      lot_seq: number,
      what: z.enum([...creditType.enumValues, "HELD", "SETTLED"]),
      amount: number,
      seq: number.nullable(),
      source: z.string(),
      at: z.coerce.date(),
      booked: z.boolean(),
      older_count: number,
      older_amount: number,
    })
    .transform(({ lot_seq, older_count, older_amount, ...part }) => ({
      ...part,
      lotSeq: lot_seq,
      older: { count: Math.max(0, older_count), amount: older_amount },
    })),
);
