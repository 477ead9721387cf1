import { randomUUID } from "node:crypto";
import type { Reader } from "@/db/client";
import { recordAudit } from "./audit";

/** Writes down that an admin started the distribution by hand; it may join a run under way. */
export async function auditDistributionStart(
  reader: Reader,
  { actorId, now }: { actorId: string; now: Date },
): Promise<void> {
  await recordAudit(reader, {
    ...{ id: randomUUID(), actorId, action: "distribution.start", now },
    ...{ targetUserId: null, reason: null, before: {}, after: {} },
  });
}
