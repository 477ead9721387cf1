import type { Executor } from "@/db/client";
import { notification } from "@/db/schema";
import { type EmailToEnqueue, emailInsert } from "@/emails/enqueue-email";
import type { NoticeContent } from "./notice";

export type NoticeToAdd = NoticeContent & {
  readonly userId: string;
  /** Names the fact it tells, e.g. `purchase:checkout:cs_…`: one notice a user and key, for ever. */
  readonly key: string;
};

/**
 * Adds notices to the bells of their users, in the caller's transaction: they are seen if and only
 * if what they tell is committed. A key that is known already changes nothing. Locks no account.
 */
export async function addNotices(
  tx: Executor,
  notices: readonly NoticeToAdd[],
  now: Date,
): Promise<void> {
  if (notices.length === 0) return;
  await tx
    .insert(notification)
    .values(notices.map((added) => ({ ...added, createdAt: now })))
    .onConflictDoNothing();
}

/** Tells one thing by mail as well, both in one statement. */
export async function addNoticeAndEmail(
  tx: Executor,
  { notice, email }: { notice: NoticeToAdd; email: EmailToEnqueue },
  now: Date,
): Promise<void> {
  const mail = emailInsert(tx, [email], now);
  if (mail === null) return addNotices(tx, [notice], now);
  await tx
    .with(tx.$with("mail").as(mail))
    .insert(notification)
    .values({ ...notice, createdAt: now })
    .onConflictDoNothing();
}
