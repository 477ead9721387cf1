import { and, inArray, isNull } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { user } from "@/db/schema";
import { enqueueEmails } from "@/emails/enqueue-email";
import { localeOf } from "@/lib/locales";
import { addNotices } from "./notices";

export interface ReachedKeyLimit {
  /** The owner of the personal key. */
  readonly userId: string;
  /** The name of the key. */
  readonly name: string;
  readonly limitId: string;
  readonly limit: number;
  /** Null for a cap in total. */
  readonly startsAt: Date | null;
  readonly resetsAt: Date | null;
}

/**
 * Notifies the owners of personal keys whose cap is reached, by notice and email, once for each cap and
 * window. Call it in the transaction that takes the signals, with the owners' rows locked, so that nothing
 * is stored for an account after its deletion.
 */
export async function notifyKeyLimits(
  tx: Transaction,
  { reached, now }: { reached: readonly ReachedKeyLimit[]; now: Date },
): Promise<void> {
  if (reached.length === 0) return;
  const ids = reached.map(({ userId }) => userId);
  const owners = await tx
    .select({ id: user.id, email: user.email, locale: user.locale, timeZone: user.timeZone })
    .from(user)
    .where(and(inArray(user.id, ids), isNull(user.deletedAt)));
  const byId = new Map(owners.map((owner) => [owner.id, owner]));
  const found = reached.flatMap((each) => {
    const owner = byId.get(each.userId);
    if (owner === undefined) return [];
    const { name, limit } = each;
    const resetsAt = each.resetsAt?.toISOString() ?? null;
    // A cap that is changed within its window can be reached again.
    const key = `key-limit:${each.limitId}:${each.startsAt?.toISOString() ?? "total"}:${limit}`;
    return [{ owner, key, facts: { name, limit, resetsAt } }];
  });
  await enqueueEmails(
    tx,
    found.map(({ owner, key, facts }) => ({
      template: "key-limit",
      props: { limit: facts.limit, resetsAt: facts.resetsAt, timeZone: owner.timeZone },
      key,
      userId: owner.id,
      to: owner.email,
      locale: localeOf(owner.locale),
    })),
    now,
  );
  await addNotices(
    tx,
    found.map(({ owner, key, facts }) => ({ kind: "key-limit", userId: owner.id, key, facts })),
    now,
  );
}
