import { subDays } from "date-fns";
import { sql } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import {
  capInput,
  changeCap,
  changeRequestLimit,
  createService,
  issueKey,
  type KeyIssuer,
  newServiceInput,
  requestLimitField,
  requireService,
  revocationInput,
  revokeService,
  rotateKey,
  rotationInput,
  type ServiceCap,
} from "@/public-api/services";
import { deleteEndpointsOf } from "@/webhooks/endpoints";
import { type Audited, auditedInput, completeAudit, recordAudit } from "./audit";

export const newSiteServiceInput = auditedInput.extend(newServiceInput.shape);
export const siteRotationInput = auditedInput.extend(rotationInput.shape);
export const siteCapInput = auditedInput.extend(capInput.shape).extend(requestLimitField);
export const siteRevocationInput = auditedInput.extend(revocationInput.shape);

/** Creates a service of the site and returns its key; null if the form was processed before. */
export async function createSiteService(
  db: Database,
  issuer: KeyIssuer,
  { id, actorId, now, ...service }: Audited<typeof newSiteServiceInput>,
): Promise<string | null> {
  const { name, scopes, expiresInDays, cap } = service;
  const after = { name, scopes: scopes.join(" "), expiresInDays, cap: capText(cap) };
  const serviceId = await db.transaction(async (tx) => {
    const isNew = await recordAudit(tx, { id, actorId, action: "api-key.create", after, now });
    if (!isNew) return null;
    const created = await createService(tx, { ownerId: null, service, now });
    await completeAudit(tx, { id, after: { serviceId: created } });
    return created;
  });
  return serviceId === null ? null : issueKey(issuer, { serviceId, ...service });
}

/**
 * Makes a new key for a service of the site and returns it; null if the form was processed before.
 * @throws NotFound
 */
export async function rotateSiteKey(
  db: Database,
  issuer: KeyIssuer,
  { id, actorId, now, ...rotation }: Audited<typeof siteRotationInput>,
): Promise<string | null> {
  const service = { serviceId: rotation.serviceId, ownerId: null };
  const isNew = await db.transaction(async (tx) => {
    await requireService(tx, service);
    const after = { ...rotation };
    return recordAudit(tx, { id, actorId, action: "api-key.rotate", after, now });
  });
  return isNew ? rotateKey(db, issuer, { ...rotation, ...service, now }) : null;
}

/**
 * Changes a service's cap and its limit of requests.
 * @throws NotFound
 */
export async function changeSiteCap(
  db: Database,
  { id, actorId, now, serviceId, cap, requestsPerMinute }: Audited<typeof siteCapInput>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const after = {
      serviceId,
      cap: capText(cap),
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    };
    const isNew = await recordAudit(tx, { id, actorId, action: "api-key.cap", after, now });
    if (!isNew) return;
    if (requestsPerMinute !== undefined) {
      await changeRequestLimit(tx, { serviceId, ownerId: null, requestsPerMinute });
    }
    await changeCap(tx, { serviceId, ownerId: null, cap });
  });
}

/** @throws NotFound */
export async function revokeSiteService(
  db: Database,
  { id, actorId, now, serviceId }: Audited<typeof siteRevocationInput>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const after = { serviceId };
    const isNew = await recordAudit(tx, { id, actorId, action: "api-key.revoke", after, now });
    if (!isNew) return;
    await revokeService(tx, { serviceId, ownerId: null, now });
    await deleteEndpointsOf(tx, { serviceId });
  });
}

export interface ServiceUsage {
  readonly serviceId: string;
  /** Null: the service's row is gone with its owner's account. */
  readonly name: string | null;
  readonly isPersonal: boolean;
  /** The owner of a personal key. */
  readonly owner: { readonly id: string; readonly email: string } | null;
  /** The first characters of the keys that work; two during a rotation, none once it is revoked. */
  readonly keys: readonly string[];
  readonly feature: string | null;
  readonly spends: number;
  /** Credits, less refunds. */
  readonly spent: number;
  /** Credits that captures could not charge (docs/decisions/0091). */
  readonly unbilled: number;
}

export const USAGE_DAYS = 30;
const USAGE_ROWS = 100;

/**
 * What was spent through the API in the last 30 days, by service and feature, largest first: by everyone,
 * including personal keys, or for one user. Keys expire by the machine's clock, `keysAt`. Reads only.
 */
export async function readServiceUsage(
  reader: Executor,
  { userId, now, keysAt }: { userId?: string; now: Date; keysAt: Date },
): Promise<ServiceUsage[]> {
  const since = sql`${subDays(now, USAGE_DAYS).toISOString()}::timestamptz`;
  const rows = await reader.execute<{
    service_id: string;
    name: string | null;
    is_personal: boolean;
    owner_id: string | null;
    email: string | null;
    keys: string[];
    feature: string | null;
    spends: string;
    spent: string;
    unbilled: string;
  }>(sql`
    with entry as (
      select user_id, service_id, feature, (type = 'USAGE')::integer as spends, -amount as spent,
        0 as unbilled
      from credit_transaction
      where service_id is not null and type in ('USAGE', 'USAGE_REFUND') and booked_at > ${since}
      union all
      select user_id, service_id, feature, 0, 0, amount from credit_unbilled
      where service_id is not null and "at" > ${since}
    )
    select e.*, s.name, s.id is null or s.user_id is not null as is_personal,
      s.user_id as owner_id, u.email, array(
        select k.start from apikey k
        where k.reference_id = s.id and (k.expires_at is null or k.expires_at > ${keysAt.toISOString()}::timestamptz)
        order by k.created_at desc) as keys
    from (
      select service_id, feature, sum(spends) as spends, sum(spent) as spent, sum(unbilled) as unbilled
      from entry where ${userId === undefined ? sql`true` : sql`user_id = ${userId}`}
      group by service_id, feature
      order by spent desc, service_id, feature nulls first limit ${USAGE_ROWS}
    ) e left join api_service s on s.id = e.service_id left join "user" u on u.id = s.user_id
    order by e.spent desc, e.service_id, e.feature nulls first`);
  return rows.map((row) => ({
    serviceId: row.service_id,
    name: row.name,
    isPersonal: row.is_personal,
    owner: row.owner_id === null ? null : { id: row.owner_id, email: row.email ?? row.owner_id },
    keys: row.keys,
    feature: row.feature,
    spends: Number(row.spends),
    spent: Number(row.spent),
    unbilled: Number(row.unbilled),
  }));
}

function capText(cap: ServiceCap): string | null {
  return cap === null ? null : `${cap.amount} ${cap.window}`;
}
