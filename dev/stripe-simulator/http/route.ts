import type { Simulation } from "../simulation";
import { rowOf } from "./fault";
import type { Row } from "./paginate";
import { newestFirst, paginate, readCreated, readPage } from "./paginate";
import type { Params } from "./params";

export interface Call {
  sim: Simulation;
  params: Params;
  /** The `:id` of the path, or "". */
  id: string;
}

/**
 * One call of the API. `prepare` reads every parameter; once those nobody read have been refused,
 * the function it returned does the work.
 */
export interface Route {
  method: "GET" | "POST" | "DELETE";
  path: string;
  prepare: (call: Call) => () => object;
}

export function route(method: Route["method"], path: string, prepare: Route["prepare"]): Route {
  return { method, path, prepare };
}

export function retrieveRoute(
  path: string,
  noun: string,
  table: (sim: Simulation) => Map<string, object>,
): Route {
  return route(
    "GET",
    `${path}/:id`,
    ({ sim, id }) =>
      () =>
        rowOf(table(sim), noun, id),
  );
}

/** A list with Stripe's paging and `created`, and the filters that `filter` reads. */
export function listRoute<T extends Row>(
  path: string,
  rows: (sim: Simulation, id: string) => Iterable<T>,
  filter: (params: Params, sim: Simulation) => ((row: T) => boolean)[] = () => [],
): Route {
  return route("GET", path, ({ sim, params, id }) => {
    const page = readPage(params);
    const tests = [readCreated(params), ...filter(params, sim)];
    const url = path.replace(":id", id);
    return () => {
      const found = newestFirst(rows(sim, id)).filter((row) => tests.every((test) => test(row)));
      return paginate(found, page, url);
    };
  });
}

/** A filter that passes all rows when its parameter was not given. */
export function matching<T, V>(wanted: V | undefined, of: (row: T) => V): (row: T) => boolean {
  return (row) => wanted === undefined || of(row) === wanted;
}

/** Merges metadata as Stripe does: an empty value unsets its key, null unsets all. */
export function mergeMetadata(
  current: Record<string, string> | null,
  change: Record<string, string> | null | undefined,
): Record<string, string> {
  const merged = change === null ? {} : { ...current, ...change };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ""));
}
