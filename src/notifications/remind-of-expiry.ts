import { addHours, subHours } from "date-fns";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Transaction } from "@/db/client";
import { reminderProgress } from "@/db/schema";
import { type EmailToEnqueue, enqueueEmails } from "@/emails/enqueue-email";
import { hours, instant } from "@/ledger/call-ledger";
import { type Batch, type Cursor, scanDue } from "@/ledger/distribution/drain-due";
import { DEFAULT_LOCALE, LOCALES } from "@/lib/locales";
import { REMIND_BEFORE_DAYS } from "./notice";
import { addNotices, type NoticeToAdd } from "./notices";

const BATCH_LOTS = 500;
/** Intervals are four hours short of a day or week, because schedulers are not punctual. */
const FULL_SCAN_EVERY_HOURS = 20;
const DIGEST_EVERY_HOURS = 20;
const ROUTINE_DIGEST_EVERY_HOURS = 7 * 24 - 4;

/**
 * Sends reminders of credits that expire within REMIND_BEFORE_DAYS: one digest per user for all
 * their lots, and each lot once ever (rules: README). Stops at `deadlineMs` (of `performance.now()`);
 * the next call finds the rest.
 *
 * Reads the lots that entered the window since the last scan and, once a day, the whole window, for
 * lots that were granted late, refilled by a refund or deferred to the next digest. Each batch is a
 * transaction. Concurrent workers serialize on `expiry_reminder`. Locks no account.
 */
export async function remindOfExpiry(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<{ digests: number }> {
  const until = addHours(now, 24 * REMIND_BEFORE_DAYS);
  const { from, isFull } = await startOfScan(db, now);
  let count = 0;
  const outcome = await scanDue(deadlineMs, BATCH_LOTS, async (after) => {
    const { batch, digests } = await db.transaction(async (tx) => {
      const claimed = await claimDigests(tx, { now, from, until, after });
      await enqueueEmails(tx, claimed.digests.flatMap(toEmail), now);
      await addNotices(tx, claimed.digests.flatMap(toNotice), now);
      return claimed;
    });
    count += digests.length;
    return [batch];
  });
  if (outcome === "scanned") await saveProgress(db, { reachedAt: until, isFull, now });
  return { digests: count };
}

async function startOfScan(db: Database, now: Date): Promise<{ from: Date; isFull: boolean }> {
  const [progress] = await db.select().from(reminderProgress);
  const isFull =
    progress === undefined || progress.fullWalkAt <= subHours(now, FULL_SCAN_EVERY_HOURS);
  return { from: isFull || progress.reachedAt < now ? now : progress.reachedAt, isFull };
}

/** Never moves progress back: of two concurrent scans the later window counts. */
async function saveProgress(
  db: Database,
  { reachedAt, isFull, now }: { reachedAt: Date; isFull: boolean; now: Date },
): Promise<void> {
  await db
    .insert(reminderProgress)
    .values({ reachedAt, fullWalkAt: now })
    .onConflictDoUpdate({
      target: reminderProgress.id,
      set: {
        reachedAt: sql`greatest(${reminderProgress.reachedAt}, ${instant(reachedAt)})`,
        ...(isFull && {
          fullWalkAt: sql`greatest(${reminderProgress.fullWalkAt}, ${instant(now)})`,
        }),
      },
    });
}

const digest = z.object({
  userId: z.string(),
  /** Null for an invalid address: it must not hold up the batch. */
  email: z.email().nullable().catch(null),
  locale: z.enum(LOCALES).catch(DEFAULT_LOCALE),
  timeZone: z.string(),
  byEmail: z.boolean(),
  inApp: z.boolean(),
  /** In order of expiry. */
  lots: z
    .array(
      z.object({
        seq: z.int(),
        credits: z.int().positive(),
        expiresAt: z.coerce.date().transform((at) => at.toISOString()),
      }),
    )
    .min(1),
});
type Digest = z.output<typeof digest>;

/**
 * Claims a batch of up to BATCH_LOTS open lots that expire in the window, and returns the digests of
 * their owners. Each digest has all lots that its owner has not been reminded of. Skips deleted and
 * banned users, users who turned both channels off, and users whose last digest is too recent. Locks the
 * users' rows, so that nothing is stored for an account after its deletion.
 *
 * A trial's lot waits until half of its life is over. `credits_lots_at` computes what remains, so spent, expired and held credits do not count. Claims
 * are inserted in one order, so that concurrent workers wait instead of deadlocking.
 */
async function claimDigests(
  tx: Transaction,
  { now, from, until, after }: { now: Date; from: Date; until: Date; after: Cursor },
): Promise<{ batch: Batch; digests: readonly Digest[] }> {
  const [row] = await tx.execute<Batch & { digests: unknown }>(sql`
    with due as materialized (
      select user_id, seq, expires_at from credit_lot
      where is_open and expires_at is not null and expires_at <= ${instant(until)}
        and (expires_at, user_id) > (greatest(${after.at}::timestamptz, ${instant(from)}), ${after.user})
      order by expires_at, user_id limit ${BATCH_LOTS}::integer
    ), recipient as materialized (
      select u.id, u.email, u.locale, u.time_zone,
        coalesce(p.expiring_by_email, true) as by_email, coalesce(p.expiring_in_app, true) as in_app,
        (select max(r.reminded_at) from expiry_reminder r where r.user_id = u.id) as last_at
      from "user" u left join notification_preference p on p.user_id = u.id
      where u.deleted_at is null
        and not (u.banned and coalesce(u.ban_expires > ${instant(now)}, true)) and u.id in (
        select d.user_id from due d where not exists (
          select from expiry_reminder r where r.user_id = d.user_id and r.lot_seq = d.seq))
      order by u.id
      for no key update of u
    ), unreminded as materialized (
      select p.id as user_id, l.seq, l.expires_at, a.available,
        bool_and(l.type in ('MONTHLY_REFRESH', 'DAILY_SIGNIN')) over (partition by p.id) as is_routine
      from recipient p cross join lateral credits_lots_at(
        p.id, credits_read_instant(p.id, ${instant(now)})) a
      join credit_lot l on l.user_id = p.id and l.seq = a.seq
      where a.available > 0 and l.expires_at <= ${instant(until)}
        and (l.type <> 'TRIAL' or ${instant(now)} >= l.granted_at + (l.expires_at - l.granted_at) / 2)
        and not exists (
        select from expiry_reminder r where r.user_id = l.user_id and r.lot_seq = l.seq)
    ), claimed as (
      insert into expiry_reminder (user_id, lot_seq, reminded_at)
      select t.user_id, t.seq, ${instant(now)} from unreminded t join recipient p on p.id = t.user_id
      where (p.in_app or (p.by_email and not t.is_routine))
        and (p.last_at is null or p.last_at <= ${instant(now)} - case
          when t.is_routine then ${hours(ROUTINE_DIGEST_EVERY_HOURS)} else ${hours(DIGEST_EVERY_HOURS)} end)
      order by t.user_id, t.seq
      on conflict do nothing returning user_id, lot_seq
    ), digests as (
      select jsonb_build_object(
        'userId', p.id, 'email', p.email, 'locale', p.locale,
        'timeZone', p.time_zone, 'inApp', p.in_app, 'byEmail', p.by_email and not bool_and(t.is_routine),
        'lots', jsonb_agg(
          jsonb_build_object('seq', t.seq, 'credits', t.available, 'expiresAt', t.expires_at)
          order by t.expires_at, t.seq)
      ) as digest
      from claimed c join unreminded t on t.user_id = c.user_id and t.seq = c.lot_seq
      join recipient p on p.id = c.user_id
      group by p.id, p.email, p.locale, p.time_zone, p.in_app, p.by_email
    ), last as (
      select expires_at, user_id from due order by expires_at desc, user_id desc limit 1
    )
    select (select count(*) from due)::integer as scanned,
      (select expires_at::text from last) as next_at, (select user_id from last) as next_user,
      (select coalesce(jsonb_agg(digest), '[]') from digests) as digests`);
  if (row === undefined) throw new Error("claimDigests returned no row.");
  const { digests, ...batch } = row;
  return { batch, digests: z.array(digest).parse(digests) };
}

function toEmail(digest: Digest): EmailToEnqueue[] {
  const { userId, email, locale, timeZone, byEmail, lots } = digest;
  if (!byEmail || email === null) return [];
  return [
    {
      template: "credits-expiring",
      props: {
        timeZone,
        lots: lots.map(({ credits, expiresAt }) => ({ credits, expiresAt })),
      },
      key: `credits-expiring:${userId}:${digestKey(digest)}`,
      userId,
      to: email,
      locale,
    },
  ];
}

function toNotice(digest: Digest): NoticeToAdd[] {
  const { userId, inApp, lots } = digest;
  const [first] = lots;
  if (!inApp || first === undefined) return [];
  return [
    {
      kind: "credits-expiring",
      facts: {
        credits: lots.reduce((sum, lot) => sum + lot.credits, 0),
        firstExpiresAt: first.expiresAt,
      },
      userId,
      key: `credits-expiring:${digestKey(digest)}`,
    },
  ];
}

/** The lowest lot number. It identifies the digest because a lot is in one digest only. */
function digestKey({ lots }: Digest): string {
  return `lot:${Math.min(...lots.map((lot) => lot.seq))}`;
}
