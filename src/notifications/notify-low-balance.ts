import { millisecondsInWeek } from "date-fns/constants";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import { type EmailToEnqueue, enqueueEmails } from "@/emails/enqueue-email";
import { instant } from "@/ledger/call-ledger";
import { DEFAULT_LOCALE, LOCALES } from "@/lib/locales";
import { addNotices, type NoticeToAdd } from "./notices";
import { lowBalanceThreshold } from "./preferences";

const recipient = z.object({
  userId: z.string(),
  /** Null for an invalid address: it must not hold up the batch. */
  email: z.email().nullable().catch(null),
  locale: z.enum(LOCALES).catch(DEFAULT_LOCALE),
  byEmail: z.boolean(),
  inApp: z.boolean(),
  threshold: z.coerce.number().nullable(),
  available: z.coerce.number(),
  /** Number of the last transaction that credited the account; 0 if there is none. */
  creditedSeq: z.coerce.number(),
});
type Recipient = z.output<typeof recipient>;

/**
 * Notifies the users of `userIds` whose balance is still below their threshold: in the app once until the
 * account is credited again, and by email at most once a week. `cost`: of one use of the main feature.
 *
 * Call it in the transaction that takes the signals of these users. Locks the users' rows, in order, so
 * that nothing is stored for an account after its deletion.
 */
export async function notifyLowBalance(
  tx: Transaction,
  { userIds, cost, now }: { userIds: readonly string[]; cost: number; now: Date },
): Promise<void> {
  if (userIds.length === 0) return;
  const users = (await readRecipients(tx, { userIds, now })).filter(
    ({ threshold, available }) =>
      available >= 0 &&
      available < lowBalanceThreshold({ lowBalanceThreshold: threshold }, { cost }),
  );
  const emails = users.flatMap((user) => toEmail(user, { cost, now }));
  await enqueueEmails(tx, emails, now);
  const notices = users.flatMap((user) => toNotice(user, { cost }));
  await addNotices(tx, notices, now);
}

async function readRecipients(
  tx: Transaction,
  { userIds, now }: { userIds: readonly string[]; now: Date },
): Promise<Recipient[]> {
  const rows = await tx.execute(sql`
    with recipient as materialized (
      select u.id, u.email, u.locale from "user" u
      where u.id = any (${sql.param([...userIds])}::text[]) and u.deleted_at is null
      order by u.id for no key update
    )
    select r.id as "userId", r.email, r.locale,
      coalesce(p.low_balance_by_email, true) as "byEmail",
      coalesce(p.low_balance_in_app, true) as "inApp", p.low_balance_threshold as threshold, b.available,
      coalesce((
        select t.seq from credit_transaction t where t.user_id = r.id and t.amount > 0
        order by t.seq desc limit 1), 0) as "creditedSeq"
    from recipient r left join notification_preference p on p.user_id = r.id
    cross join lateral credits_balance(r.id, credits_read_instant(r.id, ${instant(now)})) b`);
  return z.array(recipient).parse([...rows]);
}

function toEmail(
  { userId, email, locale, byEmail, available }: Recipient,
  { cost, now }: { cost: number; now: Date },
): EmailToEnqueue[] {
  if (!byEmail || email === null) return [];
  const week = Math.floor(now.getTime() / millisecondsInWeek);
  return [
    {
      template: "low-balance",
      props: { available, cost },
      key: `low-balance:${userId}:week:${week}`,
      userId,
      to: email,
      locale,
    },
  ];
}

function toNotice(
  { userId, inApp, available, creditedSeq }: Recipient,
  { cost }: { cost: number },
): NoticeToAdd[] {
  if (!inApp) return [];
  const key = `low-balance:since:${creditedSeq}`;
  return [{ kind: "low-balance", userId, key, facts: { available, cost } }];
}
