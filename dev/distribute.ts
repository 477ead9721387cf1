import { parseArgs } from "node:util";
import { eq } from "drizzle-orm";
import type { Database } from "@/db/client";
import { type DistributionRun, distributeCredits } from "@/ledger/distribution/distribute";
import { previewDistribution } from "@/ledger/distribution/preview";
import { distributionRun } from "@/ledger/distribution/schema";
import { now } from "@/lib/clock";
import { openOperatorDatabase } from "./operator/operator-database";
import { parseInstant } from "./operator/parse-instant";
import { withProgressBar } from "./operator/progress-bar";
import { sendAlertsOfFindings } from "./operator/send-alerts-of-findings";

const HELP = `npm run distribute                            expires and grants everything that is due now
npm run distribute -- --dry-run               shows what a run would do and writes nothing
npm run distribute -- --as-of 2027-01-31      runs as of the start of that day (UTC), or of an instant such as
                                              2027-01-31T02:00:00Z. A future instant needs --dry-run,
                                              because an account's time never runs backwards: everything
                                              booked later would count as of that instant. To do it
                                              anyway, on a test database, add
                                              --move-accounts-into-the-future.`;

interface Options {
  readonly help: boolean;
  readonly isDryRun: boolean;
  readonly at: Date;
}

/** `npm run distribute`: the daily distribution from a terminal. Exits 1 when a user failed. */
async function main(): Promise<void> {
  const { help, isDryRun, at } = parseOptions();
  if (help) return console.log(HELP);
  const database = await openOperatorDatabase();
  try {
    if (isDryRun) await preview(database.db, at);
    else if ((await distribute(database.db, at)) > 0) await sendAlertsOfFindings(database);
  } finally {
    await database.close();
  }
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      "dry-run": { type: "boolean", default: false },
      "as-of": { type: "string" },
      "move-accounts-into-the-future": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const asOf = values["as-of"];
  const at = asOf === undefined ? now() : parseInstant("--as-of", asOf);
  const isDryRun = values["dry-run"];
  if (at > now() && !isDryRun && !values["move-accounts-into-the-future"]) {
    throw new Error(
      `${at.toISOString()} is in the future. A run would move the time of every account it touches ` +
        "there permanently. Add --dry-run to see what it would do.",
    );
  }
  return { help: values.help, isDryRun, at };
}

async function preview(db: Database, at: Date): Promise<void> {
  const found = await previewDistribution(db, at);
  console.log(`As of ${at.toISOString()} a run would`);
  console.log(
    `  expire ${found.creditsToExpire} credits: ${found.expiringLotCount} lots of ${found.expiringUsersCount} users`,
  );
  console.log(
    `  grant  ${found.creditsToGrant} credits: ${found.allotmentCount} allotments to ${found.grantedUsersCount} users`,
  );
  console.log("Nothing was written.");
}

/** Returns the number of users that failed. */
async function distribute(db: Database, at: Date): Promise<number> {
  const run = await withProgressBar(process.stderr, await progressOf(db, at), () =>
    distributeCredits(db, { now: at, deadlineMs: Number.POSITIVE_INFINITY }),
  );
  console.log(
    `${run.processedCount} of ${run.usersCount} users served: ${run.grantedCredits} credits granted, ` +
      `${run.expiredCount} lots expired, ${run.errorCount} users failed (run ${run.id}).`,
  );
  if (run.outcome === "accounts busy") {
    console.log("Some accounts stayed locked. The next run resumes with them.");
  }
  if (run.errorCount > 0) {
    console.error(`Last error: ${run.lastError}`);
    process.exitCode = 1;
  }
  return run.errorCount;
}

/** Counts users, including those of an unfinished run that this one joins. */
async function progressOf(db: Database, at: Date) {
  const before = (await unfinishedRun(db))?.usersCount ?? 0;
  const due = process.stderr.isTTY ? await previewDistribution(db, at) : null;
  const total = before + (due?.usersCount ?? 0);
  let done = before;
  return async () => {
    // A finished run is no longer found here.
    done = Math.max(done, (await unfinishedRun(db))?.usersCount ?? 0);
    return { done, total };
  };
}

async function unfinishedRun(db: Database): Promise<DistributionRun | undefined> {
  const [run] = await db
    .select()
    .from(distributionRun)
    .where(eq(distributionRun.status, "running"))
    .limit(1);
  return run;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
