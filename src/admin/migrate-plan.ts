import { randomUUID } from "node:crypto";
import type { BillingDeps } from "@/billing/deps";
import {
  type MigrationOptions,
  type MigrationReport,
  migratePlan,
} from "@/billing/price-changes/migrate-plan";
import { logger } from "@/lib/logger";
import { completeAudit, recordAudit } from "./audit";

/** Runs a migration with an entry in the audit log. A dry run leaves none. */
export async function migratePlanAudited(
  billing: BillingDeps,
  { actorId, ...options }: MigrationOptions & { actorId: string },
): Promise<MigrationReport> {
  if (options.dryRun) return migratePlan(billing, options);
  const id = randomUUID();
  const { plan, from, to, noticeDays } = options;
  await recordAudit(billing.db, {
    id,
    actorId,
    action: "catalog.migrate",
    before: { plan, from, to, noticeDays },
    now: billing.clock(),
  });
  const report = await migratePlan(billing, options);
  const { scheduled, already, failed } = report;
  const skipped = [...report.skipped.values()].flat().length;
  const result = { scheduled, already, skipped, failed: failed.length };
  await completeAudit(billing.db, { id, after: result });
  logger.info({ plan, from, to, ...result }, "subscribers scheduled for another price");
  return report;
}
