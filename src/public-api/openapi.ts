import type { ZodObject, ZodType } from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from "zod-openapi";
import type { Operation } from "./operation";
import { OPERATIONS } from "./operations";
import { idempotencyHeader, keyPath, problem } from "./schemas";

const PROBLEMS: Readonly<Record<string, string>> = {
  "400": "invalid_request, wrong_user, idempotency_key_missing, invalid_amount",
  "401": "invalid_api_key",
  "403": "scope_missing",
  "404": "user_not_found, hold_not_found, transaction_not_found, credit_account_not_found",
  "413": "request_too_large",
  "429": "rate_limited, with Retry-After",
  "500": "unexpected",
};

const WRITE_PROBLEMS: Readonly<Record<string, string>> = {
  "402": "insufficient_credits or spend_limit_exceeded, with required and available",
  "409": "idempotency_conflict, hold_closed, hold_lapsed, refund_exceeds_spend",
  "423": "account_frozen",
  "503": "account_busy, too_many_spends, outcome_unknown, with Retry-After",
};

/** The OpenAPI 3.1 document of the API, from the schemas that parse its requests. */
export function openApiDocument({ appUrl }: { appUrl: string }) {
  const paths: ZodOpenApiPathsObject = {};
  for (const [path, methods] of Object.entries(OPERATIONS)) {
    paths[path] = Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [
        method,
        describe(method, path, operation),
      ]),
    );
  }
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "QiFlow API",
      version: "1",
      description: "Credits: balances, spends, holds and refunds. See docs/api.md.",
    },
    servers: [{ url: `${appUrl}/api/v1` }],
    security: [{ apiKey: [] }],
    components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } },
    paths,
  });
}

function describe(
  method: string,
  path: string,
  {
    kind,
    summary,
    scope,
    input,
    result,
  }: Pick<Operation, "kind" | "summary" | "scope"> & {
    input: ZodType;
    result: ZodType;
  },
): ZodOpenApiOperationObject {
  const isWrite = kind === "write" || kind === "keyed-write";
  const problems = isWrite ? { ...PROBLEMS, ...WRITE_PROBLEMS } : PROBLEMS;
  return {
    operationId:
      `${method}${path.replaceAll(/[^a-z]+([a-z])/g, (_, c: string) => c.toUpperCase())}`.replaceAll(
        /[^\w]/g,
        "",
      ),
    summary,
    description: `Scope: \`${scope}\`.`,
    requestParams: {
      ...(kind === "query" && { query: input as ZodObject }),
      ...(kind === "keyed-write" && { path: keyPath }),
      ...(isWrite && { header: idempotencyHeader }),
    },
    ...(kind !== "query" && {
      requestBody: { content: { "application/json": { schema: input } }, required: true },
    }),
    responses: {
      "200": { description: "Done", content: { "application/json": { schema: result } } },
      ...Object.fromEntries(
        Object.entries(problems).map(([status, codes]) => [
          status,
          { description: codes, content: { "application/problem+json": { schema: problem } } },
        ]),
      ),
    },
  };
}
