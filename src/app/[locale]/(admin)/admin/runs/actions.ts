"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { adminAction, sensitiveAdminAction } from "@/accounts/safe-action";
import { auditedInput } from "@/admin/audit";
import { retryFailure as retry, retryInput } from "@/admin/distribution/failures";
import { auditDistribution, startDistribution as start } from "@/admin/distribution/runs";
import { readEmails } from "@/admin/users/emails";
import { db } from "@/db";
import { notifyFindings } from "@/jobs/findings";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { previewDistribution as preview, previewSample } from "@/ledger/distribution/preview";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

const SAMPLE_USERS = 10;
/** Below the page's `maxDuration`. The next start or tick finishes the rest. */
const DISTRIBUTION_MS = 270_000;

/** The totals of a distribution started now and a sample of its users. Writes nothing. */
export const previewDistribution = adminAction.action(async () => {
  const at = now();
  const [totals, sample] = await Promise.all([
    preview(db, at),
    previewSample(db, { now: at, limit: SAMPLE_USERS }),
  ]);
  const emails = await readEmails(
    db,
    sample.map(({ userId }) => userId),
  );
  return {
    ...totals,
    sample: sample.map((one) => ({ ...one, email: emails.get(one.userId) ?? null })),
  };
});

/** Starts a distribution, or joins the running one, and returns its id at once. */
export const startDistribution = sensitiveAdminAction
  .inputSchema(auditedInput)
  .action(async ({ parsedInput: { id }, ctx: { user } }) => {
    const at = now();
    const { runId, run } = await start(db, { id, actorId: user.id, now: at });
    if (run === null) return { runId };
    const deadlineMs = performance.now() + DISTRIBUTION_MS;
    after(async () => {
      try {
        const finished = await distributeCredits(db, { now: at, deadlineMs, run });
        await notifyFindings(db, { now: at });
        await auditDistribution(db, { id, run: finished });
      } catch (error) {
        logger.error({ err: error, runId }, "distribution started by an admin failed");
      }
    });
    return { runId };
  });

/** Retries the distribution for one user. Returns the outcome. */
export const retryFailure = sensitiveAdminAction
  .inputSchema(retryInput)
  .action(async ({ parsedInput, ctx: { user } }) => {
    const outcome = await retry(db, { ...parsedInput, actorId: user.id, now: now() });
    refresh();
    return outcome;
  });
