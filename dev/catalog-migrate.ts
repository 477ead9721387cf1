import { parseArgs } from "node:util";
import type { MigrationReport } from "@/billing/price-changes/migrate-plan";
import type { SubscriptionItem } from "@/catalog/items";
import { OPERATOR_ACTOR } from "@/db/schema";
import { formatCreditAmount, formatMoney } from "@/lib/formats";
import { openOperatorDatabase } from "./operator/operator-database";
import { completeEnvironment } from "./operator/operator-environment";

const HELP = `npm run catalog:migrate -- --plan pro --list                      lists the versions of a plan's prices
npm run catalog:migrate -- --plan pro --from 1 --to 2 --dry-run   shows which subscribers it would move
npm run catalog:migrate -- --plan pro --from 1 --to 2             emails them and schedules the move

--notice-days 30   subscribers who renew sooner are moved at the next renewal (default 30)`;

/**
 * `npm run catalog:migrate`: moves the subscribers of one version of a plan's price to another, at a
 * renewal and after an email. Safe to interrupt and repeat. Exits 1 if a subscriber failed.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      plan: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      "notice-days": { type: "string", default: "30" },
      "dry-run": { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { plan, from, to, list } = values;
  if (values.help || plan === undefined) return console.log(HELP);
  const versions =
    from === undefined || to === undefined
      ? null
      : { from: parseWhole("--from", from), to: parseWhole("--to", to) };
  if (versions === null && !list) return console.log(HELP);
  const noticeDays = parseWhole("--notice-days", values["notice-days"]);
  const database = await openOperatorDatabase();
  try {
    await completeEnvironment(database.url, { needsStripe: !list });
    if (versions === null || list) return await printVersions(plan);
    const failed = await migrate({ plan, ...versions, noticeDays, dryRun: values["dry-run"] });
    if (failed > 0) process.exitCode = 1;
  } finally {
    await database.close();
  }
}

async function printVersions(plan: string): Promise<void> {
  const { billingDeps } = await import("@/billing/deps");
  const { countSubscribers, listVersions } = await import("@/billing/price-changes/price-versions");
  try {
    for (const { item, version, prices } of await listVersions(billingDeps.db, plan)) {
      const { live, leaving } = await countSubscribers(
        billingDeps.db,
        prices.map(({ priceId }) => priceId),
      );
      console.log(
        `${item}, version ${version}: ${live} subscribers, ${leaving} scheduled to leave`,
      );
      for (const price of prices) console.log(`  ${price.priceId}: ${offerOf(price.item)}`);
    }
  } finally {
    await billingDeps.db.$client.end({ timeout: 5 });
  }
}

/** Returns how many subscribers failed. */
async function migrate(options: {
  plan: string;
  from: number;
  to: number;
  noticeDays: number;
  dryRun: boolean;
}): Promise<number> {
  // Imported late, because the application reads its environment on import.
  const { billingDeps } = await import("@/billing/deps");
  const { loadClockOffset } = await import("@/db/load-clock-offset");
  const { adoptPrices } = await import("@/billing/prices/adopt-prices");
  const { migratePlanAudited } = await import("@/admin/migrate-plan");
  try {
    if (process.env.QIFLOW_EMBEDDED === "1") await loadClockOffset();
    // A price that `npm run stripe:setup` has just created may not be known yet.
    await adoptPrices({ check: false });
    const report = await migratePlanAudited(billingDeps, { ...options, actorId: OPERATOR_ACTOR });
    printReport(report, options);
    return report.failed.length;
  } finally {
    await billingDeps.db.$client.end({ timeout: 5 });
  }
}

function printReport(report: MigrationReport, { dryRun }: { dryRun: boolean }): void {
  for (const { from, to } of report.moves) {
    console.log(`${to.item.id}: ${from.priceId} → ${to.priceId}`);
    console.log(`  from  ${offerOf(from.item)}`);
    console.log(`  to    ${offerOf(to.item)}`);
  }
  for (const item of report.unchangedItems) {
    console.log(`${item}: lacks one of the versions, unchanged`);
  }
  for (const [group, count] of report.groups) console.log(`${count} × ${group}`);
  for (const { subscriptionId, userId, effectiveAt } of report.examples) {
    console.log(`  e.g. ${subscriptionId} of ${userId}, from ${effectiveAt.toISOString()}`);
  }
  for (const [reason, ids] of report.skipped) {
    console.log(`skipped, ${reason}: ${ids.length} (${ids.slice(0, 3).join(", ")})`);
  }
  for (const { subscriptionId, error } of report.failed) {
    console.error(`failed: ${subscriptionId}: ${error}`);
  }
  const skipped = [...report.skipped.values()].flat().length;
  const { scheduled, already, failed } = report;
  console.log(
    `${scheduled} ${dryRun ? "to schedule" : "scheduled"}, ${already} scheduled before, ` +
      `${skipped} skipped, ${failed.length} failed.`,
  );
  if (dryRun) console.log("Nothing was changed.");
}

function offerOf({ amounts, interval, creditsPerMonth }: SubscriptionItem): string {
  const prices = Object.entries(amounts).map(([of, amount]) => formatMoney(amount, of, "en"));
  const credits = formatCreditAmount(creditsPerMonth, "en");
  return `${prices.join(", ")} a ${interval}, ${credits} credits a month`;
}

function parseWhole(option: string, text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new Error(`${option} takes a whole number, not "${text}".`);
  return Number(text);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
