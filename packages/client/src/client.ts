import createFetchClient from "openapi-fetch";
import { ApiError, ConnectionError } from "./errors";
import type { PathsWith, Problem, Request, Result } from "./requests";

export interface ClientOptions {
  /** `qf_…`. Keep it on a server. */
  readonly apiKey: string;
  /** Such as `https://example.com/api/v1`. */
  readonly baseUrl: string;
  /** Time for one attempt. Default: 30 seconds. */
  readonly timeoutMs?: number;
  /** Attempts after the first. Default: 3. */
  readonly retries?: number;
  /** The longest `Retry-After` that is waited for; a longer one is an error. Default: 30 seconds. */
  readonly maxWaitMs?: number;
  readonly fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  /** Names the write. Default: a random one, the same for all attempts of this call. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface Client {
  /** @throws ApiError, ConnectionError, or the reason of an aborted `signal` */
  get<Path extends PathsWith<"get">>(
    path: Path,
    ...request: Arguments<Request<Path, "get">, Omit<CallOptions, "idempotencyKey">>
  ): Promise<Result<Path, "get">>;
  /** @throws ApiError, ConnectionError, or the reason of an aborted `signal` */
  post<Path extends PathsWith<"post">>(
    path: Path,
    ...request: Arguments<Request<Path, "post">, CallOptions>
  ): Promise<Result<Path, "post">>;
}

/** The request may be left out if nothing in it is required. */
type Arguments<Sent, Options> =
  Record<string, never> extends Sent ? [request?: Sent & Options] : [request: Sent & Options];

interface Call {
  readonly method: "get" | "post";
  readonly path: string;
  readonly idempotencyKey: string | null;
  readonly query?: object | undefined;
  readonly params?: object | undefined;
  readonly body?: object | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Attempt {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

type Settings = Required<Omit<ClientOptions, "apiKey" | "baseUrl" | "fetch">>;

const DEFAULTS: Settings = { timeoutMs: 30_000, retries: 3, maxWaitMs: 30_000 };
const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 8000;

/**
 * A client of the API. Repeats a call after a lost connection, a timeout, 429 and 5xx: reads change
 * nothing, and every write has an idempotency key that all its attempts share.
 */
export function createClient({ apiKey, baseUrl, fetch, ...settings }: ClientOptions): Client {
  const transport = createFetchClient<Record<string, never>>({
    baseUrl,
    headers: { Authorization: `Bearer ${apiKey}` },
    ...(fetch && { fetch: (request) => fetch(request) }),
  });

  function send(call: Call, signal: AbortSignal): Promise<Attempt> {
    const { method, path, query, params, body, idempotencyKey } = call;
    const init = {
      params: { query, path: params },
      ...(body !== undefined && { body }),
      ...(idempotencyKey !== null && { headers: { "Idempotency-Key": idempotencyKey } }),
      signal,
    };
    // The types of `Client` have checked the call. Here the path is any string.
    return transport.request(method, path as never, init as never);
  }

  const attempts = { ...DEFAULTS, ...settings };
  return {
    get: (path: string, { path: params, query, signal }: Sent = {}) =>
      callWithRetries(
        { method: "get", path, params, query, signal, idempotencyKey: null },
        { send, ...attempts },
      ) as never,
    post: (path: string, { path: params, body = {}, signal, idempotencyKey }: Sent = {}) =>
      callWithRetries(
        {
          method: "post",
          path,
          params,
          body,
          signal,
          idempotencyKey: idempotencyKey ?? crypto.randomUUID(),
        },
        { send, ...attempts },
      ) as never,
  };
}

interface Sent extends CallOptions {
  readonly path?: object;
  readonly query?: object;
  readonly body?: object;
}

async function callWithRetries(
  call: Call,
  {
    send,
    timeoutMs,
    retries,
    maxWaitMs,
  }: Settings & { send: (call: Call, signal: AbortSignal) => Promise<Attempt> },
): Promise<unknown> {
  const { idempotencyKey, signal } = call;
  for (let nth = 0; ; nth += 1) {
    const failure = await attempt(call, { send, timeoutMs });
    if ("data" in failure) return failure.data;
    const waitMs = failure.retryAfterMs ?? backoffMs(nth);
    if (!failure.isTransient || nth >= retries || waitMs > maxWaitMs) {
      throw failure.problem
        ? new ApiError(failure.problem, { idempotencyKey })
        : new ConnectionError(failure.cause, { idempotencyKey });
    }
    await sleep(waitMs, signal);
  }
}

interface Failure {
  readonly isTransient: boolean;
  readonly problem?: Problem;
  readonly cause?: unknown;
  readonly retryAfterMs?: number | undefined;
}

/** Sends a call once, and reads the whole response. Throws only if the caller has aborted it. */
async function attempt(
  call: Call,
  {
    send,
    timeoutMs,
  }: {
    send: (call: Call, signal: AbortSignal) => Promise<Attempt>;
    timeoutMs: number;
  },
): Promise<{ readonly data: unknown } | Failure> {
  const { signal } = call;
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const sent = await send(call, signal ? AbortSignal.any([signal, timeout]) : timeout);
    const { data, error, response } = sent;
    if (response.ok && error === undefined) return { data };
    return {
      problem: problemOf(error, response),
      isTransient: RETRIED_STATUSES.has(response.status),
      retryAfterMs: retryAfterMs(response),
    };
  } catch (cause) {
    signal?.throwIfAborted();
    return { cause, isTransient: true };
  }
}

/** The problem document of a response. A response without one, such as a proxy's, gets a generated one. */
function problemOf(error: unknown, { status, headers }: Response): Problem {
  if (typeof error === "object" && error !== null && "code" in error) return error as Problem;
  return {
    type: "about:blank",
    title: "unexpected response",
    status,
    detail: `The response with status ${status} is not a problem document.`,
    code: "unexpected_response",
    request_id: headers.get("x-request-id") ?? "",
  };
}

/** `Retry-After` in seconds or as a date, and a little more, so that clients don't return together. */
function retryAfterMs({ headers }: Response): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms) + Math.random() * FIRST_BACKOFF_MS;
}

/** A random time of at most 250 ms, doubled for each attempt, up to 8 seconds ("full jitter"). */
function backoffMs(nth: number): number {
  return Math.random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** nth);
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
