import type { z } from "zod";
import type { Database } from "@/db/client";
import { IdempotencyConflict } from "@/ledger/errors";
import type { SpendBatcher } from "@/ledger/spend-batcher";
import { AppError, RateLimited } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { readBody } from "@/lib/read-body";
import { authenticate, type Caller, requireScope, resolveUser } from "./authenticate";
import { IdempotencyKeyMissing, InvalidRequest, RequestTooLarge } from "./errors";
import { idempotencyHeader, keyPath } from "./schemas";
import type { Scope } from "./services";

const MAX_BODY_BYTES = 16 * 1024;

/** A request that is authenticated, for the user it acts for. */
export interface Call {
  readonly db: Database;
  readonly spends: SpendBatcher;
  readonly caller: Caller;
  readonly userId: string;
  readonly now: Date;
}

/** A write. `key` is the client's `Idempotency-Key`. */
export interface WriteCall extends Call {
  readonly key: string;
}

/** A write to what an earlier one made. `target` is the client's key of that. */
export interface KeyedCall extends WriteCall {
  readonly target: string;
}

type Input = z.ZodType<{ readonly user?: string | undefined }>;

interface Described<Schema extends Input> {
  readonly summary: string;
  readonly scope: Scope;
  /** Parses the query of a GET and the body of a POST. Refuses unknown fields. */
  readonly input: Schema;
  readonly result: z.ZodType;
}

interface Read<Schema extends Input> extends Described<Schema> {
  readonly kind: "query" | "check";
  readonly run: (call: Call, input: z.output<Schema>) => Promise<unknown>;
}

interface Write<Schema extends Input> extends Described<Schema> {
  readonly kind: "write";
  readonly run: (call: WriteCall, input: z.output<Schema>) => Promise<unknown>;
}

interface KeyedWrite<Schema extends Input> extends Described<Schema> {
  readonly kind: "keyed-write";
  readonly run: (call: KeyedCall, input: z.output<Schema>) => Promise<unknown>;
}

/** One operation of the API. `query` reads by GET; the other kinds have a JSON body. */
export type Operation<Schema extends Input = Input> =
  | Read<Schema>
  | Write<Schema>
  | KeyedWrite<Schema>;

export interface Environment {
  readonly db: Database;
  /** Shared by all requests of the process. */
  readonly spends: SpendBatcher;
  /** Keys the counters of wrong API keys. */
  readonly secret: string;
  readonly network: string | null;
  /** The application's time, for the ledger. */
  readonly now: Date;
  /** The machine's time, for the life of keys. */
  readonly machineNow: Date;
}

/**
 * Serves one request: authenticates the key, checks its scope, parses the input, runs the operation, and
 * maps its errors to problem documents. The response names the request in `X-Request-Id`.
 */
export async function serve<Schema extends Input>(
  operation: Operation<Schema>,
  request: Request,
  { target, environment }: { target?: string | undefined; environment: Environment },
): Promise<Response> {
  const requestId = crypto.randomUUID();
  const headers = { "Cache-Control": "no-store", "X-Request-Id": requestId };
  try {
    return Response.json(await run(operation, request, { target, environment }), { headers });
  } catch (error) {
    return toProblem(error, { requestId, headers });
  }
}

async function run<Schema extends Input>(
  operation: Operation<Schema>,
  request: Request,
  { target, environment }: { target: string | undefined; environment: Environment },
): Promise<unknown> {
  const { db, spends, machineNow, now } = environment;
  const caller = await authenticate(db, request, { ...environment, now: machineNow });
  requireScope(caller, operation.scope);
  const input = parse(
    operation.input,
    operation.kind === "query" ? readQuery(request) : await readJson(request),
  );
  const userId = await resolveUser(db, caller, { named: input.user, now });
  const call: Call = { db, spends, caller, userId, now };
  if (operation.kind === "query" || operation.kind === "check") return operation.run(call, input);
  const header = idempotencyHeader.safeParse({
    "idempotency-key": request.headers.get("idempotency-key"),
  });
  if (!header.success) throw new IdempotencyKeyMissing();
  const write = { ...call, key: header.data["idempotency-key"] };
  if (operation.kind === "write") return operation.run(write, input);
  return operation.run({ ...write, target: parse(keyPath, { key: target }).key }, input);
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new InvalidRequest(
    field === "" ? (issue?.message ?? "Invalid.") : `\`${field}\`: ${issue?.message}`,
    field === "" ? {} : { field },
  );
}

/** A repeated parameter is an array, which no field accepts. */
function readQuery(request: Request): Record<string, unknown> {
  const query = new URL(request.url).searchParams;
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

async function readJson(request: Request): Promise<unknown> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === null) throw new RequestTooLarge();
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new InvalidRequest("The body is not JSON.");
  }
}

function toProblem(
  error: unknown,
  { requestId, headers }: { requestId: string; headers: Record<string, string> },
): Response {
  if (!(error instanceof AppError)) logger.error({ err: error, requestId }, "API request failed");
  const known = error instanceof AppError ? error : UNEXPECTED;
  const { code, status, message, details } = known;
  const problem = {
    type: `urn:qiflow:problem:${code}`,
    title: code.replaceAll("_", " "),
    status,
    // The ledger's message names its own key, not the client's.
    detail: error instanceof IdempotencyConflict ? CONFLICT : message,
    code,
    request_id: requestId,
    ...membersOf(code, details),
  };
  return Response.json(problem, {
    status,
    headers: {
      ...headers,
      "Content-Type": "application/problem+json",
      ...(error instanceof RateLimited && {
        "Retry-After": String(error.details.retryAfterSeconds),
      }),
      ...(status === 503 && { "Retry-After": "1" }),
      ...(status === 401 && { "WWW-Authenticate": "Bearer" }),
    },
  });
}

const CONFLICT = "The `Idempotency-Key` was used with another payload.";

const UNEXPECTED = {
  code: "unexpected",
  status: 500,
  message: "Something went wrong on our side. Repeat the request with the same key.",
  details: {},
} as const;

/** The details of an error in the API's spelling. A limit's remainder is what is available. */
function membersOf(code: string, details: AppError["details"]): Record<string, unknown> {
  const named = Object.fromEntries(
    Object.entries(details)
      // The ledger's key is not the client's.
      .filter(([name]) => name !== "key")
      .map(([name, value]) => [name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), value]),
  );
  if (code !== "spend_limit_exceeded") return named;
  const { remaining, resetsAt } = details;
  const resets_at = typeof resetsAt === "string" ? new Date(resetsAt).toISOString() : null;
  return { ...named, available: remaining, resets_at };
}
