import { randomBytes } from "node:crypto";
import { millisecondsInHour, secondsInDay } from "date-fns/constants";
import { and, asc, eq, gt, inArray, isNull, lte, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { createAuth } from "@/auth/create-auth";
import type { Database, Executor, Transaction } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import { apikey, apiService } from "@/db/schema";
import { type LimitState, SPEND_WINDOWS } from "@/ledger/call-ledger";
import { readLimitsByService, setSpendLimit } from "@/ledger/limits";
import { InvalidInput, NotFound } from "@/lib/errors";
import { isPlainText, isVisible } from "@/lib/plain-text";

/** What a key may do: read balances, spend and hold, refund. A personal key cannot refund. */
export const SCOPES = ["read", "spend", "refund"] as const;
export type Scope = (typeof SCOPES)[number];
const PERSONAL_SCOPES: ReadonlySet<Scope> = new Set(["read", "spend"]);

/** Maximum number of keys of a user. */
const MAX_PERSONAL_SERVICES = 20;
const MAX_KEY_DAYS = 365;
const OVERLAP_HOURS = [0, 1, 24, 72] as const;

const serviceName = z.string().trim().min(1).max(60).refine(isPlainText).refine(isVisible);
const scopeList = z.array(z.enum(SCOPES)).min(1).max(SCOPES.length);
/** Null: the key does not expire. */
const keyDays = z.int().min(1).max(MAX_KEY_DAYS).nullable();
/** A hard limit; null: none. */
const serviceCap = z
  .object({ amount: z.int().min(0).max(1_000_000_000), window: z.enum(SPEND_WINDOWS) })
  .nullable();
export type ServiceCap = z.output<typeof serviceCap>;
const serviceId = z.string().regex(/^svc_[A-Za-z0-9_-]{16}$/);
const overlapHours = z.union(OVERLAP_HOURS.map((hours) => z.literal(hours)));

/** The inputs of the pages. */
export const newServiceInput = z.object({
  name: serviceName,
  scopes: scopeList,
  expiresInDays: keyDays,
  cap: serviceCap,
});
export const rotationInput = z.object({ serviceId, overlapHours, expiresInDays: keyDays });
export const capInput = z.object({ serviceId, cap: serviceCap });
export const revocationInput = z.object({ serviceId });

export const requestLimitField = {
  /** Null: the default. Undefined: unchanged. */
  requestsPerMinute: z.int().min(1).max(10_000_000).nullable().optional(),
};

export type NewService = Readonly<z.output<typeof newServiceInput>>;

/** The part of better-auth that makes a key, stores its hash and returns it once. */
export type KeyIssuer = Pick<ReturnType<typeof createAuth>["api"], "createApiKey">;

export interface ServiceKey {
  /** The first characters. */
  readonly start: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  /** The valid keys, newest first. Two during a rotation. */
  readonly keys: readonly ServiceKey[];
  readonly limit: LimitState | null;
  /** Requests in a minute; null: the default. Undefined for personal keys. */
  readonly requestsPerMinute?: number | null;
}

/**
 * Stores a service and its cap in the caller's transaction. `ownerId` null: a service of the site. The
 * caller then issues its first key. A personal service locks its owner.
 * @throws InvalidInput if a personal key would be able to refund or the owner has too many keys
 * @throws NotFound if the owner is deleted
 */
export async function createService(
  tx: Transaction,
  {
    ownerId,
    service: { name, scopes, cap },
    now,
  }: { ownerId: string | null; service: NewService; now: Date },
): Promise<string> {
  if (ownerId !== null) {
    await lockUndeletedUser(tx, ownerId);
    if (!scopes.every((scope) => PERSONAL_SCOPES.has(scope))) {
      throw new InvalidInput("A personal key cannot refund.", { field: "scopes" });
    }
    const own = await tx.$count(
      apiService,
      and(eq(apiService.userId, ownerId), isNull(apiService.revokedAt)),
    );
    if (own >= MAX_PERSONAL_SERVICES) {
      throw new InvalidInput("Too many keys.", { field: "name" });
    }
  }
  const id = `svc_${randomBytes(12).toString("base64url")}`;
  await tx.insert(apiService).values({ id, userId: ownerId, name, createdAt: now });
  await setCap(tx, { serviceId: id, cap });
  return id;
}

/**
 * Creates a key for a service and returns it. It is stored as a hash and cannot be read again. Runs outside
 * any transaction, because better-auth writes with its own connection.
 */
export async function issueKey(
  issuer: KeyIssuer,
  key: { serviceId: string; scopes: readonly Scope[]; expiresInDays: number | null },
): Promise<string> {
  const { key: secret } = await issuer.createApiKey({
    body: {
      userId: key.serviceId,
      permissions: { api: [...key.scopes] },
      ...(key.expiresInDays !== null && {
        expiresIn: key.expiresInDays * secondsInDay,
      }),
    },
  });
  return secret;
}

/**
 * Creates a key with the latest key's scopes and lets the others expire after the overlap. The cap, its
 * count and the idempotency keys stay the same.
 * @throws NotFound if the service is revoked, or not the owner's
 */
export async function rotateKey(
  db: Database,
  issuer: KeyIssuer,
  rotation: {
    serviceId: string;
    ownerId: string | null;
    overlapHours: number;
    expiresInDays: number | null;
    now: Date;
  },
): Promise<string> {
  const { serviceId: id, overlapHours: hours, expiresInDays, now } = rotation;
  await requireService(db, rotation);
  const keys = await db
    .select({ id: apikey.id, permissions: apikey.permissions })
    .from(apikey)
    .where(eq(apikey.referenceId, id))
    .orderBy(sql`${apikey.createdAt} desc`);
  const scopes = scopesOf(keys[0]?.permissions ?? null);
  const secret = await issueKey(issuer, {
    serviceId: id,
    scopes: scopes.length > 0 ? scopes : ["read"],
    expiresInDays,
  });
  const endsAt = new Date(now.getTime() + hours * millisecondsInHour);
  await db
    .update(apikey)
    .set({ expiresAt: endsAt, updatedAt: now })
    .where(
      and(
        inArray(
          apikey.id,
          keys.map((key) => key.id),
        ),
        or(isNull(apikey.expiresAt), gt(apikey.expiresAt, endsAt)),
      ),
    );
  return secret;
}

/**
 * Revokes a service. Its keys stop working with the commit.
 * @throws NotFound if it is revoked already, or not the owner's
 */
export async function revokeService(
  tx: Transaction,
  service: { serviceId: string; ownerId: string | null; now: Date },
): Promise<void> {
  await requireService(tx, service);
  await tx
    .update(apiService)
    .set({ revokedAt: service.now })
    .where(eq(apiService.id, service.serviceId));
  await tx.delete(apikey).where(eq(apikey.referenceId, service.serviceId));
}

/**
 * Replaces the cap of a service; null removes it.
 * @throws NotFound if the service is revoked, or not the owner's
 */
export async function changeCap(
  tx: Transaction,
  change: { serviceId: string; ownerId: string | null; cap: ServiceCap },
): Promise<void> {
  await requireService(tx, change);
  await setCap(tx, change);
}

/**
 * Sets how many requests a service may send in a minute; null: the default.
 * @throws NotFound if the service is revoked, or not the owner's
 */
export async function changeRequestLimit(
  tx: Transaction,
  change: { serviceId: string; ownerId: string | null; requestsPerMinute: number | null },
): Promise<void> {
  await requireService(tx, change);
  const { serviceId: id, requestsPerMinute } = change;
  await tx.update(apiService).set({ requestsPerMinute }).where(eq(apiService.id, id));
}

/** The services of an owner, or of the site (null), that are not revoked, oldest first. */
export async function listServices(
  reader: Executor,
  { ownerId, now }: { ownerId: string | null; now: Date },
): Promise<Service[]> {
  const rows = await reader
    .select({
      id: apiService.id,
      name: apiService.name,
      createdAt: apiService.createdAt,
      ...(ownerId === null && { requestsPerMinute: apiService.requestsPerMinute }),
      key: {
        start: apikey.start,
        permissions: apikey.permissions,
        createdAt: apikey.createdAt,
        expiresAt: apikey.expiresAt,
        lastUsedAt: apikey.lastRequest,
      },
    })
    .from(apiService)
    .leftJoin(
      apikey,
      and(
        eq(apikey.referenceId, apiService.id),
        or(isNull(apikey.expiresAt), gt(apikey.expiresAt, now)),
      ),
    )
    .where(and(ofOwner(ownerId), isNull(apiService.revokedAt)))
    .orderBy(asc(apiService.createdAt), asc(apiService.id), sql`${apikey.createdAt} desc`);
  const services = new Map<string, Service & { readonly keys: ServiceKey[] }>();
  for (const { key, ...service } of rows) {
    const listed = services.get(service.id) ?? { ...service, keys: [], limit: null };
    services.set(service.id, listed);
    if (key === null) continue;
    const { start, permissions, createdAt, expiresAt, lastUsedAt } = key;
    const scopes = scopesOf(permissions);
    listed.keys.push({ start: start ?? "", scopes, createdAt, expiresAt, lastUsedAt });
  }
  const limits = await readLimitsByService(reader, {
    userId: ownerId ?? "",
    serviceIds: [...services.keys()],
    now,
  });
  return [...services.values()].map((service) => ({
    ...service,
    limit: limits.get(service.id)?.[0] ?? null,
  }));
}

/** The scopes of a stored key. */
export function scopesOf(permissions: string | null): Scope[] {
  const parsed = z.object({ api: z.array(z.enum(SCOPES)) }).safeParse(parseJson(permissions));
  return parsed.success ? parsed.data.api : [];
}

/** Stores the use of a key, at most once a minute. */
export async function storeLastUse(
  db: Database,
  { keyId, now }: { keyId: string; now: Date },
): Promise<void> {
  const aMinuteAgo = new Date(now.getTime() - 60_000);
  await db
    .update(apikey)
    .set({ lastRequest: now })
    .where(
      and(
        eq(apikey.id, keyId),
        or(isNull(apikey.lastRequest), lte(apikey.lastRequest, aMinuteAgo)),
      ),
    );
}

async function setCap(
  tx: Transaction,
  { serviceId: id, cap }: { serviceId: string; cap: ServiceCap },
): Promise<void> {
  for (const window of SPEND_WINDOWS) {
    await setSpendLimit(tx, {
      subject: { serviceId: id },
      window,
      amount: cap?.window === window ? cap.amount : null,
    });
  }
}

/** @throws NotFound if the service is revoked, or not the owner's */
export async function requireService(
  reader: Executor,
  { serviceId: id, ownerId }: { serviceId: string; ownerId: string | null },
): Promise<void> {
  const found = await reader.$count(
    apiService,
    and(eq(apiService.id, id), ofOwner(ownerId), isNull(apiService.revokedAt)),
  );
  if (found === 0) throw new NotFound("API key");
}

function ofOwner(ownerId: string | null) {
  return ownerId === null ? isNull(apiService.userId) : eq(apiService.userId, ownerId);
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
