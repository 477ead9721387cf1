import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { instant } from "../parameters";
import { creditType } from "../schema";

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
  reader: Executor,
  lots: { userId: string; lotSeqs: readonly number[]; at: Date; partsShown?: number },
): Promise<ReadonlyMap<number, LotHistory>> {
  const { userId, lotSeqs, at, partsShown = PARTS_SHOWN } = lots;
  if (lotSeqs.length === 0) return new Map();
  const rows = await reader.execute(sql`
    select * from credits_lot_history(${userId},
      ${sql.param(lotSeqs.map(String))}::text[]::bigint[], ${instant(at)}, ${partsShown}::integer)`);
  const histories = new Map<number, { parts: LotPart[]; older: LotHistory["older"] }>();
  for (const { lotSeq, all, ...part } of partRows.parse(rows)) {
    const { parts, older } = histories.get(lotSeq) ?? { parts: [], older: all };
    // Of all parts, those that have not been told yet.
    const rest = { count: older.count - 1, amount: older.amount - part.amount };
    histories.set(lotSeq, { parts: [...parts, part], older: rest });
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
      parts: number,
      parts_amount: number,
    })
    .transform(({ lot_seq, parts, parts_amount, ...part }) => ({
      ...part,
      lotSeq: lot_seq,
      all: { count: parts, amount: parts_amount },
    })),
);
