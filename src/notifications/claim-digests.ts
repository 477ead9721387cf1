import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import type { Batch, Cursor } from "@/ledger/distribution/walk-due";
import { hours, instant } from "@/ledger/parameters";
import { type Digest, digest } from "./digest";

/** One digest a day at most; four hours of play for a job that is called once a day, never quite on time. */
const DIGEST_EVERY_HOURS = 20;
/** What comes again by itself is told weekly at most. */
const ROUTINE_EVERY_HOURS = 7 * 24 - 4;

/**
 * Claims the next batch of due lots and answers what to tell their people. In one statement: up to
 * `limit` open lots that expire after the cursor (and after `from`) and by `until`; their people,
 * unless deleted, banned at present or not wanting to hear of it; all that these have left by then at `now`
 * and were not told of yet; whose last digest is long enough ago; claimed in one order, so that
 * workers side by side wait for each other instead of deadlocking, and the second one gets nothing.
 *
 * What is left is asked of `credits_lots_at`, the one formula: spent and expired credits are not
 * left, and those an open hold has set aside are not either.
 */
export async function claimDigests(
  tx: Transaction,
  batch: { now: Date; from: Date; until: Date; after: Cursor; limit: number },
): Promise<{ place: Batch; digests: readonly Digest[] }> {
  const { now, from, until, after, limit } = batch;
  const [row] = await tx.execute<Batch & { digests: unknown }>(sql`
    with due as materialized (
      select user_id, seq, expires_at from credit_lot
      where is_open and expires_at is not null and expires_at <= ${instant(until)}
        and (expires_at, user_id) > (greatest(${after.at}::timestamptz, ${instant(from)}), ${after.user})
      order by expires_at, user_id limit ${limit}::integer
    ), person as materialized (
      select u.id, u.name, u.email, u.locale, u.time_zone,
        coalesce(p.expiring_by_email, true) as by_email, coalesce(p.expiring_in_app, true) as in_app,
        (select max(r.reminded_at) from expiry_reminder r where r.user_id = u.id) as last_at
      from "user" u left join notification_preference p on p.user_id = u.id
      where u.deleted_at is null
        and not (u.banned and coalesce(u.ban_expires > ${instant(now)}, true)) and u.id in (
        select d.user_id from due d where not exists (
          select from expiry_reminder r where r.user_id = d.user_id and r.lot_seq = d.seq))
    ), untold as materialized (
      select p.id as user_id, l.seq, l.expires_at, a.available,
        bool_and(l.type in ('MONTHLY_REFRESH', 'DAILY_SIGNIN')) over (partition by p.id) as is_routine
      from person p cross join lateral credits_lots_at(p.id, ${instant(now)}) a
      join credit_lot l on l.user_id = p.id and l.seq = a.seq
      where a.available > 0 and l.expires_at <= ${instant(until)} and not exists (
        select from expiry_reminder r where r.user_id = l.user_id and r.lot_seq = l.seq)
    ), claimed as (
      insert into expiry_reminder (user_id, lot_seq, reminded_at)
      select t.user_id, t.seq, ${instant(now)} from untold t join person p on p.id = t.user_id
      where (p.in_app or (p.by_email and not t.is_routine))
        and (p.last_at is null or p.last_at <= ${instant(now)} - case
          when t.is_routine then ${hours(ROUTINE_EVERY_HOURS)} else ${hours(DIGEST_EVERY_HOURS)} end)
      order by t.user_id, t.seq
      on conflict do nothing returning user_id, lot_seq
    ), told as (
      select jsonb_build_object(
        'userId', p.id, 'name', p.name, 'email', p.email, 'locale', p.locale,
        'timeZone', p.time_zone, 'inApp', p.in_app, 'byEmail', p.by_email and not bool_and(t.is_routine),
        'lots', jsonb_agg(
          jsonb_build_object('seq', t.seq, 'credits', t.available, 'expiresAt', t.expires_at)
          order by t.expires_at, t.seq)
      ) as digest
      from claimed c join untold t on t.user_id = c.user_id and t.seq = c.lot_seq
      join person p on p.id = c.user_id
      group by p.id, p.name, p.email, p.locale, p.time_zone, p.in_app, p.by_email
    ), last as (
      select expires_at, user_id from due order by expires_at desc, user_id desc limit 1
    )
    select (select count(*) from due)::integer as scanned,
      (select expires_at::text from last) as next_at, (select user_id from last) as next_user,
      (select coalesce(jsonb_agg(digest), '[]') from told) as digests`);
  if (row === undefined) throw new Error("The claim answered no row.");
  const { digests, ...place } = row;
  return { place, digests: z.array(digest).parse(digests) };
}
