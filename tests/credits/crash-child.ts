import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { createDatabase } from "@/db/client";
import { writeCredits } from "./ledger-calls";
import { writeCalls } from "./prepared-user";

/**
 * A process to which something happens: makes one call of every write, each on a user and a
 * connection of its own, goes as far as `boundary` says, reports "there" and goes on only when told.
 */
const [url = "", boundary = "", prefix = ""] = process.argv.slice(2);
const calls = writeCalls("op");
const told = once(process, "message");
let there = 0;

async function reach(point: string): Promise<void> {
  if (point !== boundary) return;
  there += 1;
  if (there === calls.length) process.send?.("there");
  await told;
}

async function callOnOwnConnection(call: (typeof calls)[number]): Promise<void> {
  const db = createDatabase(url, { max: 1 });
  await db.transaction(async (tx) => {
    await tx.execute("select 1");
    await reach("begun");
    await writeCredits(tx, `${prefix}-${call.write}`, call);
    await reach("written");
  });
  await reach("committed");
}

await Promise.allSettled(calls.map(callOnOwnConnection));
if (there > 0) {
  // A transaction whose connection was cut is over for its caller while its work still goes on.
  await told;
  await wait(1_000);
}
process.exit();
