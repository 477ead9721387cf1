import { isUtf8 } from "node:buffer";
import type { z } from "zod";
import type { Database } from "@/db/client";
import { SpendBatcher } from "@/ledger/spend-batcher";
import { AppError, RateLimited } from "@/lib/errors";
import { type Locale, preferredLocale } from "@/lib/locales";
import { logger } from "@/lib/logger";
import { readBody } from "@/lib/read-body";
import {
  authenticate,
  type Caller,
  type CallerReads,
  callerReads,
  requireScope,
  resolveUser,
} from "./authenticate";
import { describeIssue } from "./describe-issue";
import { IdempotencyKeyMissing, InvalidRequest, RequestTooLarge } from "./errors";
import { problemOf } from "./problems";
import { RequestLimiter } from "./request-limiter";
import { idempotencyHeader, keyPath, type SpendBody } from "./schemas";
import type { Scope } from "./services";

/** An authenticated request and the user it acts for. */
export interface Call {
  readonly db: Database;
  readonly spends: SpendBatcher;
  readonly caller: Caller;
  readonly userId: string;
  readonly now: Date;
  /** For work that takes time. */
  readonly clock: () => Date;
  /** The language that the client prefers. */
  readonly locale: Locale;
}

/** A read of one object. `id` is the last part of the path. */
export interface ItemCall extends Call {
  readonly id: string;
}

/** A write. `key` is the client's `Idempotency-Key`. */
export interface WriteCall extends Call {
  readonly key: string;
}

/** A write to the result of an earlier write. `target` is the client's key of that write. */
export interface KeyedCall extends WriteCall {
  readonly target: string;
}

/** For one user, or a batch with a user for each spend. */
type Input = z.ZodType<{
  readonly user?: string | undefined;
  readonly spends?: readonly BatchedSpend[];
}>;
type BatchedSpend = SpendBody & { readonly key: string };

interface Described<Schema extends Input> {
  readonly operationId: string;
  /** A sentence without a period. */
  readonly summary: string;
  readonly description: string;
  /** The group in the reference. */
  readonly tag: string;
  readonly scope: Scope;
  /** Parses the query of a GET and the body of a POST. Refuses unknown fields. */
  readonly input: Schema;
  readonly result: z.ZodType;
  /** A request and its response, as the reference shows them. */
  readonly example: { readonly input?: object; readonly result: object };
  /** Its errors besides those of every operation. */
  readonly problems?: readonly AppError[];
}

interface Read<Schema extends Input> extends Described<Schema> {
  readonly kind: "query" | "check";
  readonly run: (call: Call, input: z.output<Schema>) => Promise<unknown>;
}

interface ItemRead<Schema extends Input> extends Described<Schema> {
  readonly kind: "item";
  readonly run: (call: ItemCall, input: z.output<Schema>) => Promise<unknown>;
}

interface Write<Schema extends Input> extends Described<Schema> {
  readonly kind: "write";
  readonly run: (call: WriteCall, input: z.output<Schema>) => Promise<unknown>;
}

interface KeyedWrite<Schema extends Input> extends Described<Schema> {
  readonly kind: "keyed-write";
  readonly run: (call: KeyedCall, input: z.output<Schema>) => Promise<unknown>;
}

/** Spends in one request. Each has its own key, user and result. */
interface Batch<Schema extends Input> extends Described<Schema> {
  readonly kind: "batch";
  readonly run: (call: WriteCall, spend: SpendBody) => Promise<object>;
}

/** One operation of the API. `query` and `item` read by GET; the other kinds have a JSON body. */
export type Operation<Schema extends Input = Input> =
  | Read<Schema>
  | ItemRead<Schema>
  | Write<Schema>
  | KeyedWrite<Schema>
  | Batch<Schema>;

export const maxBodyBytes = (kind: Operation["kind"]) => (kind === "batch" ? 512 : 16) * 1024;

/** What all requests of a process share. */
export interface Shared {
  readonly db: Database;
  readonly spends: SpendBatcher;
  readonly requests: RequestLimiter;
  readonly reads: CallerReads;
}

export function sharedOn(db: Database): Shared {
  return {
    db,
    spends: new SpendBatcher(db),
    requests: new RequestLimiter(),
    reads: callerReads(db),
  };
}

export interface Environment extends Shared {
  /** Keys the counters of wrong API keys. */
  readonly secret: string;
  readonly network: string | null;
  /** The application's time, for the ledger. */
  readonly clock: () => Date;
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
  try {
    const result = await run(operation, request, { target, environment, requestId });
    return Response.json(result, { headers: headersOf(requestId) });
  } catch (error) {
    return problemResponse(error, requestId);
  }
}

/** An error as a problem document. Logs what is not an `AppError`. */
export function problemResponse(error: unknown, requestId: string = crypto.randomUUID()): Response {
  const problem = reportProblem(error, requestId);
  const { status } = problem;
  return Response.json(problem, {
    status,
    headers: {
      ...headersOf(requestId),
      "Content-Type": "application/problem+json",
      ...(error instanceof RateLimited && {
        "Retry-After": String(error.details.retryAfterSeconds),
      }),
      ...(status === 503 && { "Retry-After": "1" }),
      ...(status === 401 && { "WWW-Authenticate": "Bearer" }),
    },
  });
}

function reportProblem(error: unknown, requestId: string): ReturnType<typeof problemOf> {
  if (!(error instanceof AppError)) logger.error({ err: error, requestId }, "API request failed");
  return problemOf(error, { requestId });
}

function headersOf(requestId: string): Record<string, string> {
  return { "Cache-Control": "no-store", "X-Request-Id": requestId };
}

async function run<Schema extends Input>(
  operation: Operation<Schema>,
  request: Request,
  {
    target,
    environment,
    requestId,
  }: { target: string | undefined; environment: Environment; requestId: string },
): Promise<unknown> {
  const { db, spends, requests, reads, machineNow, clock } = environment;
  const now = clock();
  const caller = await authenticate(request, { ...environment, now: machineNow });
  requests.count(caller, machineNow);
  requireScope(caller, operation.scope);
  const locale = preferredLocale(request.headers.get("accept-language"));
  const callOf = async (named: string | undefined): Promise<Call> => {
    const userId = await resolveUser(caller, { reads, named, now });
    return { db, spends, caller, userId, now, clock, locale };
  };
  const input = parse(
    operation.input,
    request.method === "POST"
      ? await readJson(request, maxBodyBytes(operation.kind))
      : readQuery(request),
  );
  if (operation.kind === "batch") {
    const { spends: batched = [] } = input;
    if (batched.length > 1) requests.count(caller, machineNow, batched.length - 1);
    return runBatch(batched, { run: operation.run, callOf, requestId });
  }
  const call = await callOf(input.user);
  if (operation.kind === "query" || operation.kind === "check") return operation.run(call, input);
  if (operation.kind === "item") return operation.run({ ...call, id: target ?? "" }, input);
  const header = idempotencyHeader.safeParse({
    "Idempotency-Key": request.headers.get("idempotency-key"),
  });
  if (!header.success) throw new IdempotencyKeyMissing();
  const write = { ...call, key: header.data["Idempotency-Key"] };
  if (operation.kind === "write") return operation.run(write, input);
  return operation.run({ ...write, target: parse(keyPath, { key: target }).key }, input);
}

/**
 * Runs spends concurrently, so that the batcher books them together, those of one user in the order of the
 * list. A refused spend gets a problem and does not stop the others.
 */
async function runBatch(
  spends: readonly BatchedSpend[],
  options: {
    run: Batch<Input>["run"];
    callOf: (named: string | undefined) => Promise<Call>;
    requestId: string;
  },
): Promise<unknown> {
  const { run, callOf, requestId } = options;
  const results = await Promise.all(
    spends.map(async ({ key, ...spend }) => {
      try {
        const booking = await run({ ...(await callOf(spend.user)), key }, spend);
        return { key, booking, problem: null };
      } catch (error) {
        return { key, booking: null, problem: reportProblem(error, requestId) };
      }
    }),
  );
  return { results };
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw parsed.error;
  const { field, message } = describeIssue(issue, input);
  throw new InvalidRequest(message, field === "" ? {} : { field });
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

async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const body = await readBody(request, maxBytes);
  if (body === null) throw new RequestTooLarge(maxBytes);
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw new InvalidRequest("The body is not UTF-8. Send JSON in UTF-8.");
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new InvalidRequest("The body is not JSON. Send a JSON object, uncompressed.");
  }
}
