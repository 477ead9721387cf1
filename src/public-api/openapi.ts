import { type ZodObject, z } from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import type { AppError } from "@/lib/errors";
import { RequestTooLarge } from "./errors";
import { maxBodyBytes, type Operation } from "./operation";
import { OPERATIONS } from "./operations";
import { problemOf, REQUEST_PROBLEMS, WRITE_PROBLEMS } from "./problems";
import { idempotencyHeader, itemPath, keyPath, problem } from "./schemas";

const REQUEST_ID = "3f0e6c1a-7f0b-4a55-9d0f-2f6f1a9b7c10";

/** The OpenAPI 3.1 document of the API, from the schemas that parse its requests. */
export function openApiDocument({ appUrl }: { appUrl: string }) {
  const paths: ZodOpenApiPathsObject = {};
  const tags = new Set<string>();
  for (const [path, methods] of Object.entries(OPERATIONS)) {
    for (const [method, operation] of Object.entries<Described>(methods)) {
      tags.add(operation.tag);
      paths[path] = { ...paths[path], [method]: describe(operation) };
    }
  }
  return createDocument(
    {
      openapi: "3.1.1",
      info: {
        title: "QiFlow API",
        version: "1",
        description: `Read balances and spend credits from a program. Quick start: ${appUrl}/docs/api`,
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: `${appUrl}/api/v1` }],
      security: [{ apiKey: [] }],
      tags: [...tags].map((name) => ({ name })),
      components: {
        securitySchemes: {
          apiKey: {
            type: "http",
            scheme: "bearer",
            description: "An API key, `qf_…`, from the settings or the console.",
          },
        },
      },
      paths,
    },
    // Zod's patterns for instants and dates are long, and `format` says the same.
    {
      override: ({ jsonSchema, io }) => {
        if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
        // Responses may gain fields.
        if (io === "output" && jsonSchema.additionalProperties === false) {
          delete jsonSchema.additionalProperties;
        }
      },
    },
  );
}

type Described = Pick<
  Operation,
  | "kind"
  | "operationId"
  | "summary"
  | "description"
  | "tag"
  | "scope"
  | "input"
  | "result"
  | "example"
  | "problems"
>;

function describe(operation: Described): ZodOpenApiOperationObject {
  const { kind, input, result, example, scope, problems = [] } = operation;
  const isRead = kind === "query" || kind === "item";
  const isWrite = kind === "write" || kind === "keyed-write";
  const path = { item: itemPath, "keyed-write": keyPath }[kind as string];
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    description: `${operation.description}\n\nScope: \`${scope}\`.`,
    tags: [operation.tag],
    security: [{ apiKey: [] }],
    requestParams: {
      ...(isRead && { query: input as unknown as ZodObject }),
      ...(path && { path }),
      ...(isWrite && { header: idempotencyHeader }),
    },
    ...(!isRead && {
      requestBody: {
        content: { "application/json": { schema: input, example: example.input ?? {} } },
        required: true,
      },
    }),
    responses: {
      "200": {
        description: "Done",
        headers: requestIdHeader,
        content: { "application/json": { schema: result, example: example.result } },
      },
      ...problemResponses([
        ...REQUEST_PROBLEMS,
        ...(isRead ? [] : [new RequestTooLarge(maxBodyBytes(kind))]),
        ...(isWrite ? WRITE_PROBLEMS : []),
        ...problems,
      ]),
    },
  };
}

/** One response for each status, with an example of each code. */
function problemResponses(problems: readonly AppError[]): ZodOpenApiResponsesObject {
  const statuses = new Set(problems.map(({ status }) => status));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const same = problems.filter((one) => one.status === status);
      return [
        String(status),
        {
          description: same.map(({ code }) => `\`${code}\``).join(", "),
          headers: status === 429 || status === 503 ? retryHeaders : requestIdHeader,
          content: {
            "application/problem+json": {
              schema: problem,
              examples: Object.fromEntries(
                same.map((error) => [
                  error.code,
                  { value: problemOf(error, { requestId: REQUEST_ID }) },
                ]),
              ),
            },
          },
        },
      ];
    }),
  );
}

const requestIdHeader = z.object({
  "X-Request-Id": z.string().meta({ description: "Names the request in our logs." }),
});
const retryHeaders = requestIdHeader.extend({
  "Retry-After": z.int().meta({ description: "Seconds to wait." }),
});
