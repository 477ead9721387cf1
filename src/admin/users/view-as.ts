import { addMinutes } from "date-fns";
import type { Database, Executor } from "@/db/client";
import { NotFound } from "@/lib/errors";
import {
  type Audited,
  auditedInput,
  auditReason,
  findAudit,
  recordAudit,
  targetId,
} from "../audit";
import { isUuid } from "../lists/keyset";
import { findUser } from "./user";

/** How long an admin may look before giving a reason again. */
export const VIEW_MINUTES = 15;

export const viewInput = auditedInput.extend({ userId: targetId, reason: auditReason });
export type ViewRequest = Audited<typeof viewInput>;

/**
 * Lets an admin see a customer's pages for `VIEW_MINUTES`. The audit entry is the permission: nothing
 * else is stored, and the customer gets no session. Sending the form (`id`) again changes nothing.
 * @throws NotFound for an unknown or deleted account, IdempotencyConflict
 */
export async function startView(
  db: Database,
  { id, userId, reason, actorId, now }: ViewRequest,
): Promise<void> {
  const found = await findUser(db, userId);
  if (found === undefined || found.deletedAt !== null) throw new NotFound("user");
  await recordAudit(db, {
    id,
    actorId,
    action: "user.view",
    targetUserId: userId,
    reason,
    after: { minutes: VIEW_MINUTES },
    now,
  });
}

/** When a view that the admin started for this customer ends; null if there is none or it has ended. */
export async function findViewEnd(
  reader: Executor,
  { viewId, actorId, userId, now }: { viewId: string; actorId: string; userId: string; now: Date },
): Promise<Date | null> {
  if (!isUuid(viewId)) return null;
  const entry = await findAudit(reader, viewId);
  if (entry?.action !== "user.view") return null;
  if (entry.actorId !== actorId || entry.targetUserId !== userId) return null;
  const endsAt = addMinutes(entry.createdAt, VIEW_MINUTES);
  return endsAt > now ? endsAt : null;
}
