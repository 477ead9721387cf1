import type { z } from "zod";
import type { Database } from "@/db/client";
import { type AuditFacts, completeAudit, recordAudit } from "./audit";
import type { pressInput } from "./input";

/**
 * Writes down that an admin has the books recomputed. False for the same press (`id`) sent again:
 * then there is nothing more to do.
 */
export async function auditReconcile(
  db: Database,
  { id, actorId, now }: z.output<typeof pressInput> & { actorId: string; now: Date },
): Promise<boolean> {
  return recordAudit(db, {
    ...{ id, actorId, action: "books.reconcile", now },
    ...{ targetUserId: null, reason: null, before: {}, after: {} },
  });
}

/** Adds to that record what came of it. */
export async function auditReconciled(
  db: Database,
  { id, found }: { id: string; found: AuditFacts },
): Promise<void> {
  await completeAudit(db, { id, after: found });
}
