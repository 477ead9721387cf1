import type { z } from "zod";
import type { Simulation } from "../simulation";
import { rowOf } from "./fault";
import { type Listed, type Paging, paginate } from "./paginate";
import { type FormTree, none, readParams } from "./params";

interface Call<Given> {
  sim: Simulation;
  /** The `:id` of the path, or "". */
  id: string;
  given: Given;
}

/** One API call. Its parameters are parsed or rejected before the handler runs. */
export interface Route {
  method: "GET" | "POST" | "DELETE";
  /** Captures the `:id` of the path. */
  pattern: RegExp;
  prepare(sim: Simulation, id: string, params: FormTree): () => object;
}

export function route<Schema extends z.ZodType>(
  method: Route["method"],
  path: string,
  schema: Schema,
  work: (call: Call<z.output<Schema>>) => object,
): Route {
  const prepare: Route["prepare"] = (sim, id, params) => {
    const given = readParams(schema, params);
    return () => work({ sim, id, given });
  };
  return { method, pattern: new RegExp(`^${path.replace(":id", "([^/]+)")}$`), prepare };
}

export function retrieveRoute(
  path: string,
  objectName: string,
  table: (sim: Simulation) => Map<string, object>,
): Route {
  return route("GET", `${path}/:id`, none, ({ sim, id }) => rowOf(table(sim), objectName, id));
}

/** A list call with Stripe's pagination, of the rows that match the filters in its schema. */
export function listRoute<Row extends Listed, Schema extends z.ZodType<Paging>>(
  path: string,
  rows: (sim: Simulation, id: string) => Iterable<Row>,
  schema: Schema,
  passes: (row: Row, given: z.output<Schema>) => boolean = () => true,
): Route {
  return route("GET", path, schema, ({ sim, id, given }) => {
    const found = [...rows(sim, id)].filter((row) => passes(row, given));
    return paginate(found, given, path.replace(":id", id));
  });
}

/** Whether a value equals the filter or is in it. An absent filter matches everything. */
export function fits(wanted: unknown, value: unknown): boolean {
  return (
    wanted === undefined || (Array.isArray(wanted) ? wanted.includes(value) : wanted === value)
  );
}

/** Merges metadata as Stripe does: an empty value removes its key. */
export function mergeMetadata(
  current: Record<string, string> | null,
  change: Record<string, string> = {},
): Record<string, string> {
  const merged = Object.entries({ ...current, ...change });
  return Object.fromEntries(merged.filter(([, value]) => value !== ""));
}
