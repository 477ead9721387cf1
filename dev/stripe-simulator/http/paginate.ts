import type Stripe from "stripe";
import { invalid, missing } from "./fault";
import type { Params } from "./params";

export interface Row {
  id: string;
  created?: number;
}

export interface Page {
  limit: number;
  startingAfter: string | undefined;
  endingBefore: string | undefined;
}

export function readPage(params: Params): Page {
  const limit = params.integer("limit") ?? 10;
  if (limit < 1 || limit > 100) {
    throw invalid("Invalid limit: must be between 1 and 100", "limit");
  }
  const startingAfter = params.string("starting_after");
  const endingBefore = params.string("ending_before");
  if (startingAfter !== undefined && endingBefore !== undefined) {
    throw invalid("You may only specify one of these parameters: starting_after, ending_before.");
  }
  return { limit, startingAfter, endingBefore };
}

/** A page of rows, newest first, between Stripe's cursors (https://docs.stripe.com/api/pagination). */
export function paginate<T extends Row>(rows: T[], page: Page, url: string): Stripe.ApiList<T> {
  const { limit, startingAfter, endingBefore } = page;
  const list = { object: "list" as const, url };
  if (endingBefore !== undefined) {
    const before = rows.slice(0, positionOf(rows, endingBefore, "ending_before"));
    return { ...list, data: before.slice(-limit), has_more: before.length > limit };
  }
  const from =
    startingAfter === undefined ? 0 : positionOf(rows, startingAfter, "starting_after") + 1;
  const after = rows.slice(from);
  return { ...list, data: after.slice(0, limit), has_more: after.length > limit };
}

/** Reads `created`, an instant or a range, as a test; everything passes when it is absent. */
export function readCreated(params: Params): (row: Row) => boolean {
  if (params.has("created") && !params.isGroup("created")) {
    const exact = params.integer("created");
    return (row) => row.created === exact;
  }
  const range = params.child("created");
  const gt = range?.integer("gt") ?? Number.NEGATIVE_INFINITY;
  const gte = range?.integer("gte") ?? Number.NEGATIVE_INFINITY;
  const lt = range?.integer("lt") ?? Number.POSITIVE_INFINITY;
  const lte = range?.integer("lte") ?? Number.POSITIVE_INFINITY;
  return ({ created = 0 }) => created > gt && created >= gte && created < lt && created <= lte;
}

/** Newest first; of the same second the later made comes first. */
export function newestFirst<T extends Row>(rows: Iterable<T>): T[] {
  return [...rows].reverse().sort((one, other) => (other.created ?? 0) - (one.created ?? 0));
}

function positionOf(rows: Row[], id: string, param: string): number {
  const position = rows.findIndex((row) => row.id === id);
  if (position < 0) {
    throw missing("object", id, param);
  }
  return position;
}
