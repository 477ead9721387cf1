import { z } from "zod";
import type { Database } from "@/db/client";
import { type DistributionRun, joinOrStartRun } from "@/ledger/distribution/distribute";
import { completeAudit, findAudit, recordAudit } from "../audit";
import type { pressInput } from "../input";

/**
 * Begins a distribution by hand, or joins the one under way, and writes down who did. Answers the run,
 * for the caller to work on; the same press (`id`) sent again is only told which run it was.
 * @throws IdempotencyConflict
 */
export async function startDistribution(
  db: Database,
  { id, actorId, now }: z.output<typeof pressInput> & { actorId: string; now: Date },
): Promise<{ runId: string; run: DistributionRun | null }> {
  return db.transaction(async (tx) => {
    const isNew = await recordAudit(tx, {
      ...{ id, actorId, action: "distribution.start", now },
      ...{ targetUserId: null, reason: null, before: {}, after: {} },
    });
    if (!isNew) {
      const first = await findAudit(tx, id);
      return { runId: startedRun.parse(first?.after).runId, run: null };
    }
    const run = await joinOrStartRun(tx, { now, at: now });
    await completeAudit(tx, { id, after: { runId: run.id } });
    return { runId: run.id, run };
  });
}

const startedRun = z.object({ runId: z.string() });

/** Adds to that record what the run had come to when this call's part in it was over. */
export async function auditDistributed(
  db: Database,
  { id, run }: { id: string; run: DistributionRun },
): Promise<void> {
  const { status, usersCount, errorCount, grantedCredits, expiredCredits } = run;
  await completeAudit(db, {
    ...{ id, after: { status, usersCount, errorCount, grantedCredits, expiredCredits } },
  });
}
