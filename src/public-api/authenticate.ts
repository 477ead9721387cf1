import { defaultKeyHasher } from "@better-auth/api-key";
import { millisecondsInMinute } from "date-fns/constants";
import { type AnyColumn, eq, sql } from "drizzle-orm";
import { isBanned } from "@/auth/route-guards";
import type { Database } from "@/db/client";
import { apikey, apiService, user } from "@/db/schema";
import { countAttempt } from "@/rate-limit/rate-limit";
import { InvalidApiKey, ScopeMissing, UserNotFound, WrongUser } from "./errors";
import { type Scope, scopesOf, storeLastUse } from "./services";
import { SharedReads } from "./shared-reads";

/** Wrong keys that one network may send. `RequestLimiter` counts valid ones. */
const WRONG_KEYS = { limit: 30, windowSeconds: 60 };
const KEY = /^Bearer +(qf_[A-Za-z]{64})$/i;

export interface Caller {
  readonly serviceId: string;
  /** The owner of a personal key; null for a service of the site. */
  readonly ownerId: string | null;
  readonly scopes: readonly Scope[];
  /** Null: the default. */
  readonly requestsPerMinute: number | null;
}

/** The reads of every request. One for each process. */
export interface CallerReads {
  /** By the key's hash. */
  readonly keys: SharedReads<KeyRow>;
  readonly users: SharedReads<UserRow>;
}

type UserRow = Pick<typeof user.$inferSelect, "banned" | "banExpires" | "deletedAt">;
type KeyRow = Awaited<ReturnType<typeof readKeys>>[number];

export function callerReads(db: Database): CallerReads {
  return {
    keys: new SharedReads(
      async (hashes) => new Map((await readKeys(db, hashes)).map((row) => [row.hash, row])),
    ),
    users: new SharedReads(
      async (ids) => new Map((await readUsers(db, ids)).map((row) => [row.id, row])),
    ),
  };
}

/**
 * Authenticates a request by its `Authorization` header and nothing else: cookies are ignored, so another
 * site's page cannot act for a signed-in user. Each request looks its key up by hash, so that a revoked
 * key or a banned owner is refused immediately.
 * @throws InvalidApiKey, RateLimited after many wrong keys from one network
 */
export async function authenticate(
  request: Request,
  options: { db: Database; reads: CallerReads; network: string | null; secret: string; now: Date },
): Promise<Caller> {
  const { db, network, secret, now } = options;
  const [, sent] = KEY.exec(request.headers.get("authorization") ?? "") ?? [];
  // Not a key at all, so no guess: it costs no look-up and is not counted.
  if (sent === undefined) throw new InvalidApiKey();
  const caller = await findCaller(sent, options);
  if (caller !== null) return caller;
  await countAttempt(db, { key: `api-key:${network ?? "unknown"}`, secret, ...WRONG_KEYS, now });
  throw new InvalidApiKey();
}

/** @throws ScopeMissing */
export function requireScope({ scopes }: Caller, scope: Scope): void {
  if (!scopes.includes(scope)) throw new ScopeMissing(scope);
}

/**
 * The user for whom a caller acts: the owner of a personal key, or the user that a service names.
 * @throws WrongUser, UserNotFound if the named user is unknown, suspended or deleted
 */
export async function resolveUser(
  { ownerId }: Caller,
  { reads, named, now }: { reads: CallerReads; named: string | undefined; now: Date },
): Promise<string> {
  if (ownerId !== null) {
    if (named === undefined || named === ownerId) return ownerId;
    throw new WrongUser("A personal key acts for its owner. Leave `user` out.");
  }
  if (named === undefined) throw new WrongUser("Name the `user` for whom the service acts.");
  const found = await reads.users.read(named);
  if (found === null || found.deletedAt !== null || isBanned(found, now)) throw new UserNotFound();
  return named;
}

async function findCaller(
  key: string,
  { db, reads, now }: { db: Database; reads: CallerReads; now: Date },
): Promise<Caller | null> {
  const found = await reads.keys.read(await defaultKeyHasher(key));
  if (found === null || !found.enabled || found.revokedAt !== null) return null;
  if (found.expiresAt !== null && found.expiresAt <= now) return null;
  const { owner, lastUsedAt } = found;
  if (owner !== null && (owner.deletedAt !== null || isBanned(owner, now))) return null;
  if (lastUsedAt === null || now.getTime() - lastUsedAt.getTime() >= millisecondsInMinute) {
    await storeLastUse(db, { keyId: found.keyId, now });
  }
  const { serviceId, ownerId, requestsPerMinute, permissions } = found;
  return { serviceId, ownerId, requestsPerMinute, scopes: scopesOf(permissions) };
}

/** An array in one parameter, so that one prepared statement serves any number of keys. */
const isAnyOf = (column: AnyColumn, values: readonly string[]) =>
  sql`${column} = any(${sql.param(values)}::text[])`;

function readKeys(db: Database, hashes: readonly string[]) {
  return db
    .select({
      hash: apikey.key,
      keyId: apikey.id,
      permissions: apikey.permissions,
      enabled: apikey.enabled,
      expiresAt: apikey.expiresAt,
      lastUsedAt: apikey.lastRequest,
      serviceId: apiService.id,
      ownerId: apiService.userId,
      requestsPerMinute: apiService.requestsPerMinute,
      revokedAt: apiService.revokedAt,
      owner: { banned: user.banned, banExpires: user.banExpires, deletedAt: user.deletedAt },
    })
    .from(apikey)
    .innerJoin(apiService, eq(apiService.id, apikey.referenceId))
    .leftJoin(user, eq(user.id, apiService.userId))
    .where(isAnyOf(apikey.key, hashes));
}

function readUsers(db: Database, ids: readonly string[]) {
  const { id, banned, banExpires, deletedAt } = user;
  return db.select({ id, banned, banExpires, deletedAt }).from(user).where(isAnyOf(id, ids));
}
