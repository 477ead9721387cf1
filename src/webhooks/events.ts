import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { reportWrittenEntries } from "@/outbox/written-entries";

const credits = z.int();
const instant = z.iso.datetime();
const user = z.string().describe("The id of the user.");
const payment = { user, payment: z.string(), item: z.string(), amount_cents: z.int() };
const money = { ...payment, currency: z.string() };

/** The data of each type of event. A breaking change gets a new `version`. */
export const EVENT_DATA = {
  "balance.low": z.object({ user, available: credits, threshold: credits }),
  "balance.depleted": z.object({ user, available: credits }),
  "hold.lapsed": z.object({
    user,
    /** The idempotency key of the hold. */
    key: z.string(),
    amount: credits,
    feature: z.string().nullable(),
    held_at: instant,
    lapsed_at: instant,
  }),
  "limit.reached": z.object({
    /** The user that the limit applies to; null if it counts all users. */
    user: z.string().nullable(),
    window: z.enum(["day", "month", "total"]),
    limit: credits,
    used: credits,
    hard: z.boolean(),
    resets_at: instant.nullable(),
  }),
  "membership.changed": z.object({
    user,
    /** The item of the plan that the reason is about. */
    item: z.string(),
    reason: z.enum([
      "paid",
      "trial_started",
      "ended",
      "restored",
      "status_changed",
      "switched",
      "switch_scheduled",
      "switch_withdrawn",
      "cancellation_scheduled",
      "cancellation_withdrawn",
      "renewal_moved",
    ]),
    /** The membership after the change, as pages show it. */
    plan: z.string(),
    status: z.string(),
    renews_at: instant.nullable(),
    ends_at: instant.nullable(),
    scheduled: z.object({ item: z.string(), at: instant }).nullable(),
  }),
  "payment.succeeded": z.object({ ...money, credits }),
  "payment.reversed": z.object({
    ...money,
    reason: z.enum(["refunded", "refund-undone", "dispute-opened", "dispute-won", "dispute-lost"]),
  }),
} as const;

export type EventType = keyof typeof EVENT_DATA;
export type MembershipReason = z.output<(typeof EVENT_DATA)["membership.changed"]>["reason"];
export const EVENT_TYPES = Object.keys(EVENT_DATA) as [EventType, ...EventType[]];

/** One thing that happened. */
export type EventToRecord = {
  [Type in EventType]: {
    readonly type: Type;
    readonly data: z.input<(typeof EVENT_DATA)[Type]>;
    /** Names the fact. The event's id derives from it, so a repetition is the same event. */
    readonly key: string;
    readonly userId: string | null;
    /** The only service that receives it; null: all that receive the type. */
    readonly serviceId: string | null;
    readonly at: Date;
  };
}[EventType];

/** The body of a delivery. */
export const eventBody = z.object({
  id: z.string(),
  type: z.enum(EVENT_TYPES),
  version: z.literal(1),
  timestamp: instant,
  data: z.record(z.string(), z.unknown()),
});

/**
 * Adds events to the outbox in the caller's transaction, one entry for each endpoint that receives the
 * type. They are delivered if and only if it commits. A known event changes nothing. Costs one statement, with
 * or without endpoints. Locks no account.
 */
export async function recordEvents(
  tx: Executor,
  events: readonly EventToRecord[],
  now: Date,
): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ type, data, key, userId, serviceId, at }) => {
    const id = eventId(key);
    const body = {
      id,
      type,
      version: 1,
      timestamp: at.toISOString(),
      data: EVENT_DATA[type].parse(data),
    };
    return { id, type, user_id: userId, service_id: serviceId, payload: { type, facts: body } };
  });
  const written = await tx.execute<{ key: string }>(sql`
    insert into outbox (
      kind, idempotency_key, user_id, endpoint_id, payload, created_at, next_attempt_at)
    select 'webhook', 'webhook:' || e.id || ':' || v.id, v.user_id, e.id, v.payload,
      ${now.toISOString()}::timestamptz, ${now.toISOString()}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as v (id text, type text, user_id text, service_id text, payload jsonb)
    join webhook_endpoint e on v.type = any (e.events) and e.disabled_at is null
      and (v.service_id is null or v.service_id = e.service_id)
    join api_service s on s.id = e.service_id and s.revoked_at is null
    on conflict (idempotency_key) do nothing
    returning idempotency_key as key`);
  reportWrittenEntries(written.map(({ key }) => key));
}

/** Whether any endpoint receives the type. Events that need reads are composed only if one does. */
export async function isWanted(tx: Executor, type: EventType): Promise<boolean> {
  const [row] = await tx.execute<{ found: boolean }>(sql`
    select exists (
      select from webhook_endpoint e
      join api_service s on s.id = e.service_id and s.revoked_at is null
      where ${type} = any (e.events) and e.disabled_at is null) as found`);
  return row?.found === true;
}

/** Equal for the same fact, so that receivers recognize a repeated event. */
function eventId(key: string): string {
  return `evt_${createHash("sha256").update(key).digest("base64url").slice(0, 24)}`;
}
