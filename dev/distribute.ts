import { parseArgs } from "node:util";
import { eq } from "drizzle-orm";
import { type DistributionRun, distributeCredits, previewDistribution } from "@/credits/distribute";
import type { Database } from "@/db/client";
import { distributionRun } from "@/db/schema/jobs";
import { now } from "@/lib/clock";
import { openOperatorDatabase } from "./operator-database";
import { parseInstant } from "./parse-instant";
import { withProgressBar } from "./progress-bar";
import { tellOfFindings } from "./tell-of-findings";

const HELP = `npm run distribute                            books what has expired and grants what is due now
npm run distribute -- --dry-run               says what that would be, and writes nothing
npm run distribute -- --as-of 2027-01-31      as if it were that day's beginning (UTC), or an instant such as
                                              2027-01-31T02:00:00Z. An account's time never runs
                                              backward, so try it with --dry-run first`;

/** `npm run distribute`: the daily run from a terminal. Exits 1 when a user's grant failed. */
async function main(): Promise<void> {
  const { help, isDryRun, at } = parseOptions();
  if (help) return console.log(HELP);
  const database = await openOperatorDatabase();
  try {
    if (isDryRun) await preview(database.db, at);
    else if ((await distribute(database.db, at)) > 0) await tellOfFindings(database);
  } finally {
    await database.close();
  }
}

function parseOptions(): { help: boolean; isDryRun: boolean; at: Date } {
  const { values } = parseArgs({
    options: {
      "dry-run": { type: "boolean", default: false },
      "as-of": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const asOf = values["as-of"];
  const at = asOf === undefined ? now() : parseInstant("--as-of", asOf);
  return { help: values.help, isDryRun: values["dry-run"], at };
}

async function preview(db: Database, at: Date): Promise<void> {
  const found = await previewDistribution(db, at);
  console.log(`As of ${at.toISOString()} a run would`);
  console.log(
    `  expire ${found.creditsToExpire} credits: ${found.expiringLotCount} lots of ${found.expiringUsersCount} users`,
  );
  console.log(
    `  grant  ${found.creditsToGrant} credits: ${found.allotmentCount} allotments to ${found.usersCount} users`,
  );
  console.log("Nothing was written.");
}

/** Answers how many users failed. */
async function distribute(db: Database, at: Date): Promise<number> {
  const run = await withProgressBar(process.stderr, await progressOf(db, at), () =>
    distributeCredits(db, { now: at, deadlineMs: Number.POSITIVE_INFINITY }),
  );
  console.log(
    `${run.processedCount} of ${run.usersCount} users granted ${run.grantedCredits} credits, ` +
      `${run.errorCount} failed, ${run.expiredCount} lots expired (run ${run.id}).`,
  );
  if (run.status === "running") {
    console.log("Some accounts stayed busy; the next run goes on with them.");
  }
  if (run.errorCount > 0) {
    console.error(`The last error: ${run.lastError}`);
    process.exitCode = 1;
  }
  return run.errorCount;
}

/** Counts lots and users, of an unfinished run too, which this one joins. */
async function progressOf(db: Database, at: Date) {
  const before = doneBy(await unfinishedRun(db));
  const due = process.stderr.isTTY ? await previewDistribution(db, at) : null;
  const total = before + (due === null ? 0 : due.usersCount + due.expiringLotCount);
  let done = before;
  return async () => {
    // Once it is finished it is found no more.
    done = Math.max(done, doneBy(await unfinishedRun(db)));
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

function doneBy(run: DistributionRun | undefined): number {
  return run === undefined ? 0 : run.usersCount + run.expiredCount;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
