import type { components, paths } from "./schema";

/** The types of requests and responses, from the generated ones. */

export type Problem = components["schemas"]["Problem"];

type Method = "get" | "post";
type Operation<Path extends keyof paths, M extends Method> = NonNullable<paths[Path][M]>;

/** The paths that have a method. */
export type PathsWith<M extends Method> = {
  [Path in keyof paths]: undefined extends paths[Path][M] ? never : Path;
}[keyof paths];

/** The JSON of a response with status 200. */
export type Result<Path extends keyof paths, M extends Method> =
  Operation<Path, M> extends {
    responses: { 200: { content: { "application/json": infer Json } } };
  }
    ? Json
    : never;

/** The parts of a request: `path` and `query` parameters, and a `body`. */
export type Request<Path extends keyof paths, M extends Method> = Part<
  "path",
  Parameter<Path, M, "path">
> &
  Part<"query", Parameter<Path, M, "query">> &
  Part<"body", Body<Path, M>>;

type Parameter<Path extends keyof paths, M extends Method, Kind extends "path" | "query"> =
  Operation<Path, M> extends { parameters: { [K in Kind]?: infer Values } } ? Values : never;

type Body<Path extends keyof paths, M extends Method> =
  Operation<Path, M> extends { requestBody: { content: { "application/json": infer Json } } }
    ? Json
    : never;

/** A part may be left out if it is empty or all its fields are optional. */
type Part<Name extends string, Values> = [NonNullable<Values>] extends [never]
  ? unknown
  : Record<string, never> extends NonNullable<Values>
    ? { readonly [N in Name]?: NonNullable<Values> }
    : { readonly [N in Name]: NonNullable<Values> };
