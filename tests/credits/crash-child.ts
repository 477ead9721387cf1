import { createDatabase } from "@/db/client";
import { writeCredits } from "./ledger-calls";
import { writeCalls } from "./prepared-user";

/**
 * A process that is to be killed: makes one call of every write, each on a user and a connection of
 * its own, goes as far as `boundary` says, reports "there" and stays.
 */
const [url = "", boundary = "", prefix = ""] = process.argv.slice(2);
const calls = writeCalls("op");
const never = new Promise<never>(() => {});
let there = 0;

async function reach(point: string): Promise<void> {
  if (point !== boundary) return;
  there += 1;
  if (there === calls.length) process.send?.("there");
  await never;
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

await Promise.all(calls.map(callOnOwnConnection));
