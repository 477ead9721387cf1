import { distributeCredits } from "@/ledger/distribution/distribute";
import { connectToDatabase } from "../../../support/connect-to-database";

/** A distribution in a process that the test kills: `child-process.ts <database url> <instant>`. */
const [url = "", instant = ""] = process.argv.slice(2);
const db = connectToDatabase(url, { max: 1 });
await distributeCredits(db, { now: new Date(instant), deadlineMs: Number.POSITIVE_INFINITY });
await db.$client.end({ timeout: 5 });
process.send?.("done");
process.disconnect?.();
