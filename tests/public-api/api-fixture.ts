import { eq } from "drizzle-orm";
import type { Database } from "@/db/client";
import { user } from "@/db/schema";
import { grantCredits } from "@/ledger/grant";
import { type Operation, type Shared, serve, sharedOn } from "@/public-api/operation";
import { createService, issueKey, type NewService } from "@/public-api/services";
import { createTestAuth, SECRET } from "../auth/auth-fixture";

export const NOW = new Date("2026-03-10T12:00:00Z");

/** A user with credits that never expire. */
export async function createUser(db: Database, id: string, credits = 1000): Promise<string> {
  await db.insert(user).values({ id, name: id, email: `${id}@people.example` });
  await db.transaction((tx) =>
    grantCredits(tx, {
      userId: id,
      key: `${id}:grant`,
      amount: credits,
      type: "PURCHASE_PACKAGE",
      source: "checkout:test",
      expiresAt: null,
      paid: true,
      now: NOW,
    }),
  );
  return id;
}

export const setUser = (db: Database, id: string, change: Partial<typeof user.$inferInsert>) =>
  db.update(user).set(change).where(eq(user.id, id));

/** A service with one key. `ownerId` null: of the site. */
export async function createKey(
  db: Database,
  { ownerId = null, ...service }: Partial<NewService> & { ownerId?: string | null },
): Promise<{ serviceId: string; key: string }> {
  const described: NewService = {
    name: "Worker",
    scopes: ownerId === null ? ["read", "spend", "refund"] : ["read", "spend"],
    expiresInDays: null,
    cap: null,
    ...service,
  };
  const serviceId = await db.transaction((tx) =>
    createService(tx, { ownerId, service: described, now: NOW }),
  );
  const key = await issueKey(issuerOf(db), { serviceId, ...described });
  return { serviceId, key };
}

export const issuerOf = (db: Database) => createTestAuth(db).api;

const shared = new WeakMap<Database, Shared>();

/** One for each pool, as in the application. */
function sharedFor(db: Database): Shared {
  const state = shared.get(db) ?? sharedOn(db);
  shared.set(db, state);
  return state;
}

export interface ApiRequest {
  readonly key?: string | undefined;
  readonly idempotencyKey?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly now?: Date;
}

/** Calls an operation as its route does and returns the status, the headers and the JSON. */
export async function call<Schema extends Operation["input"]>(
  db: Database,
  operation: Operation<Schema>,
  sent: ApiRequest,
) {
  const { key, idempotencyKey, query = {}, body, headers = {}, target, now = NOW } = sent;
  const url = `http://localhost:3000/api/v1/x?${new URLSearchParams(query)}`;
  const isRead = operation.kind === "query" || operation.kind === "item";
  const request = new Request(url, {
    method: isRead ? "GET" : "POST",
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
      ...headers,
    },
    ...(!isRead && {
      body:
        typeof body === "string" || body instanceof Uint8Array
          ? (body as BodyInit)
          : JSON.stringify(body ?? {}),
    }),
  });
  const environment = {
    ...sharedFor(db),
    secret: SECRET,
    network: "203.0.113.9",
    clock: () => now,
    machineNow: now,
  };
  const response = await serve(operation, request, { target, environment });
  return {
    status: response.status,
    headers: response.headers,
    json: (await response.json()) as Record<string, unknown>,
  };
}
