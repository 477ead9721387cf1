import { parseArgs } from "node:util";
import { openOperatorDatabase } from "./operator/operator-database";
import { completeEnvironment } from "./operator/operator-environment";

const HELP = `npm run backfill                 handles the Stripe events that never arrived
npm run backfill -- --days 30    looks back that many days (1 to 30) instead of to the last complete day`;

/**
 * `npm run backfill`: does what the tick does every night. Safe to repeat and to run beside the site:
 * every event is handled once. Exits 1 if an event could not be stored.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { days: { type: "string" }, help: { type: "boolean", default: false } },
  });
  if (values.help) return console.log(HELP);
  const days = values.days === undefined ? undefined : Number(values.days);
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= 30)) {
    console.error(HELP);
    process.exitCode = 1;
    return;
  }
  const database = await openOperatorDatabase();
  try {
    await completeEnvironment(database.url, { needsStripe: true });
    if (!(await backfill(days))) process.exitCode = 1;
  } finally {
    await database.close();
  }
}

/** Returns whether the inbox now holds every event of the period. */
async function backfill(days: number | undefined): Promise<boolean> {
  // Imported late, because the application reads its environment on import.
  const { billingDeps } = await import("@/billing/deps");
  const { loadClockOffset } = await import("@/db/load-clock-offset");
  const { backfillEvents, readEventsCompleteUntil } = await import(
    "@/billing/inbox/backfill-events"
  );
  try {
    if (process.env.QIFLOW_EMBEDDED === "1") await loadClockOffset();
    const options = days === undefined ? {} : { days };
    const { backfilled, complete } = await backfillEvents(billingDeps, options);
    const until = await readEventsCompleteUntil(billingDeps.db);
    console.log(`${backfilled} events backfilled.`);
    if (!complete) console.error("Some events could not be stored; see the log.");
    console.log(`Complete until ${until?.toISOString() ?? "an unknown instant"}.`);
    return complete;
  } finally {
    await billingDeps.db.$client.end({ timeout: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
