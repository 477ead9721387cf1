import { defaultKeyHasher } from "@better-auth/api-key";
import { millisecondsInMinute } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { isBanned } from "@/auth/route-guards";
import type { Database } from "@/db/client";
import { apikey, apiService, user } from "@/db/schema";
import { countAttempt } from "@/rate-limit/rate-limit";
import { InvalidApiKey, ScopeMissing, UserNotFound, WrongUser } from "./errors";
import { type Scope, scopesOf, storeLastUse } from "./services";

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

/**
 * Authenticates a request by its `Authorization` header and nothing else: cookies are ignored, so another
 * site's page cannot act for a signed-in user. One look-up by hash for each request, so that a revoked
 * key or a banned owner is refused at once.
 * @throws InvalidApiKey, RateLimited after many wrong keys from one network
 */
export async function authenticate(
  db: Database,
  request: Request,
  options: { network: string | null; secret: string; now: Date },
): Promise<Caller> {
  const { network, secret, now } = options;
  const [, sent] = KEY.exec(request.headers.get("authorization") ?? "") ?? [];
  // Not a key at all, so no guess: it costs no look-up and is not counted.
  if (sent === undefined) throw new InvalidApiKey();
  const caller = await findCaller(db, sent, now);
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
  db: Database,
  { ownerId }: Caller,
  { named, now }: { named: string | undefined; now: Date },
): Promise<string> {
  if (ownerId !== null) {
    if (named === undefined || named === ownerId) return ownerId;
    throw new WrongUser("A personal key acts for its owner. Leave `user` out.");
  }
  if (named === undefined) throw new WrongUser("Name the `user` for whom the service acts.");
  const [found] = await db
    .select({ banned: user.banned, banExpires: user.banExpires, deletedAt: user.deletedAt })
    .from(user)
    .where(eq(user.id, named));
  if (found === undefined || found.deletedAt !== null || isBanned(found, now)) {
    throw new UserNotFound();
  }
  return named;
}

async function findCaller(db: Database, key: string, now: Date): Promise<Caller | null> {
  const [found] = await db
    .select({
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
    .where(eq(apikey.key, await defaultKeyHasher(key)));
  if (found === undefined || !found.enabled || found.revokedAt !== null) return null;
  if (found.expiresAt !== null && found.expiresAt <= now) return null;
  const { owner, lastUsedAt } = found;
  if (owner !== null && (owner.deletedAt !== null || isBanned(owner, now))) return null;
  if (lastUsedAt === null || now.getTime() - lastUsedAt.getTime() >= millisecondsInMinute) {
    await storeLastUse(db, { keyId: found.keyId, now });
  }
  const { serviceId, ownerId, requestsPerMinute, permissions } = found;
  return { serviceId, ownerId, requestsPerMinute, scopes: scopesOf(permissions) };
}
