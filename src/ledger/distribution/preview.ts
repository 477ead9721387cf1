import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { instant } from "../call-ledger";

const count = z.coerce.number();

const previewSchema = z
  .object({
    users: count,
    granted_users: count,
    allotments: count,
    credits: count,
    expiring_users: count,
    expiring_lots: count,
    expiring_credits: count,
  })
  .transform((row) => ({
    /** Users with anything due, each counted once. */
    usersCount: row.users,
    grantedUsersCount: row.granted_users,
    allotmentCount: row.allotments,
    creditsToGrant: row.credits,
    expiringUsersCount: row.expiring_users,
    expiringLotCount: row.expiring_lots,
    creditsToExpire: row.expiring_credits,
  }));

/** Returns the totals that a run at `now` would grant and expire. Reads only. */
export async function previewDistribution(
  reader: Executor,
  now: Date,
): Promise<z.output<typeof previewSchema>> {
  const [row] = await reader.execute(
    sql`select users, granted_users, allotments, credits, expiring_users, expiring_lots, expiring_credits
        from credits_distribution_preview(${instant(now)})`,
  );
  return previewSchema.parse(row);
}

export interface PreviewedUser {
  readonly userId: string;
  readonly allotmentCount: number;
  /** 0 for a free allotment that passes because its owner is a paid member. */
  readonly creditsToGrant: number;
  readonly dueAt: Date;
}

const sampleSchema = z.array(
  z.object({ user_id: z.string(), allotments: count, credits: count, due_at: z.coerce.date() }),
);

/**
 * Returns what a run at `now` would grant to the first `limit` users in due order, by the rule of
 * `credits_distribution_preview`. Reads only, and only these users' schedules.
 */
export async function previewSample(
  reader: Executor,
  { now, limit }: { now: Date; limit: number },
): Promise<PreviewedUser[]> {
  const rows = await reader.execute(sql`
    with recursive due (user_id, due_at, rank) as (
      (select user_id, next_due_at, 1 from credit_schedule
        where next_due_at is not null and next_due_at <= ${instant(now)}
        order by next_due_at, user_id limit 1)
      union all
      select next.user_id, next.next_due_at, due.rank + 1
      from due cross join lateral (
        select user_id, next_due_at from credit_schedule
        where next_due_at is not null and next_due_at <= ${instant(now)}
          and (next_due_at, user_id) > (due.due_at, due.user_id)
        order by next_due_at, user_id limit 1) next
      where due.rank < ${limit}::integer
    ), users as (
      select user_id, min(due_at) as due_at from due group by user_id
    )
    select users.user_id, users.due_at, count(*) filter (where period.pays) as allotments,
      coalesce(sum(s.credits) filter (where period.pays), 0) as credits
    from users
    join credit_schedule s on s.user_id = users.user_id and (s.next_due_at <= ${instant(now)}) is true
    cross join lateral credits_due_periods(s, ${instant(now)}, ${instant(now)}) period
    group by users.user_id, users.due_at
    order by users.due_at, users.user_id`);
  return sampleSchema.parse([...rows]).map((row) => ({
    userId: row.user_id,
    allotmentCount: row.allotments,
    creditsToGrant: row.credits,
    dueAt: row.due_at,
  }));
}
