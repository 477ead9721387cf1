import type Stripe from "stripe";
import { z } from "zod";
import { invalid, missing } from "./fault";
import { text, whole } from "./params";

export interface Listed {
  id: string;
  created?: number;
}

/** Parameters that every list accepts besides its own filters. */
export const paging = {
  limit: whole.pipe(z.number().min(1).max(100)).default(10),
  starting_after: text.optional(),
  ending_before: text.optional(),
  created: z.strictObject({ gte: whole.optional(), lt: whole.optional() }).optional(),
};

export type Paging = z.output<z.ZodObject<typeof paging>>;

/**
 * Returns the page of rows between Stripe's cursors (https://docs.stripe.com/api/pagination), newest
 * first; of rows created in the same second, the later one comes first.
 */
export function paginate<Row extends Listed>(
  rows: Row[],
  { limit, starting_after, ending_before, created: range }: Paging,
  url: string,
): Stripe.ApiList<Row> {
  if (starting_after !== undefined && ending_before !== undefined) {
    throw invalid("You may only specify one of these parameters: starting_after, ending_before.");
  }
  const newestFirst = rows
    .reverse()
    .filter(({ created = 0 }) => created >= (range?.gte ?? 0))
    .filter(({ created = 0 }) => created < (range?.lt ?? Number.POSITIVE_INFINITY))
    .sort((one, other) => (other.created ?? 0) - (one.created ?? 0));
  const list = { object: "list" as const, url };
  if (ending_before !== undefined) {
    const before = newestFirst.slice(0, positionOf(newestFirst, ending_before, "ending_before"));
    return { ...list, data: before.slice(-limit), has_more: before.length > limit };
  }
  const after = starting_after
    ? newestFirst.slice(positionOf(newestFirst, starting_after, "starting_after") + 1)
    : newestFirst;
  return { ...list, data: after.slice(0, limit), has_more: after.length > limit };
}

function positionOf(rows: Listed[], id: string, param: string): number {
  const position = rows.findIndex((row) => row.id === id);
  if (position < 0) {
    throw missing("object", id, param);
  }
  return position;
}
