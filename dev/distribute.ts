import { parseArgs } from "node:util";
import { distributeCredits, previewDistribution } from "@/credits/distribute";
import { now } from "@/lib/clock";
import { openOperatorDatabase } from "./operator-database";

const HELP = `npm run distribute                            books what has expired and grants what is due now
npm run distribute -- --dry-run               says what that would be, and writes nothing
npm run distribute -- --as-of 2027-01-31      as if it were that instant (UTC); an account's time
                                              never runs backward, so try it with --dry-run first`;

/** `npm run distribute`: the daily run from a terminal. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "dry-run": { type: "boolean", default: false },
      "as-of": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const at = values["as-of"] === undefined ? now() : parseInstant(values["as-of"]);
  const { db, close } = await openOperatorDatabase();
  try {
    if (values["dry-run"]) {
      const preview = await previewDistribution(db, at);
      console.log(`As of ${at.toISOString()} a run would`);
      console.log(
        `  expire ${preview.creditsToExpire} credits: ${preview.expiringLotCount} lots of ${preview.expiringUsersCount} users`,
      );
      console.log(
        `  grant  ${preview.creditsToGrant} credits: ${preview.allotmentCount} allotments to ${preview.usersCount} users`,
      );
      console.log("Nothing was written.");
      return;
    }
    const run = await distributeCredits(db, { now: at, deadlineMs: Number.POSITIVE_INFINITY });
    console.log(
      `${run.processedCount} of ${run.usersCount} users granted ${run.grantedCredits} credits, ` +
        `${run.errorCount} failed, ${run.expiredCount} lots expired (run ${run.id}).`,
    );
    if (run.errorCount > 0) process.exitCode = 1;
  } finally {
    await close();
  }
}

function parseInstant(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) {
    throw new Error(`--as-of takes a date such as 2027-01-31 or an instant, not "${text}".`);
  }
  return at;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
