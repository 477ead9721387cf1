import { createDatabase } from "@/db/client";
import { type CrashPoint, pauseAt } from "./crash-points";
import { operations } from "./operations";
import { runOperation, type Stage } from "./run-operation";

/**
 * A process for the test to kill. Runs the named operations, each on its own user and connection, up
 * to a stage or crash point; sends the name of each that waits at the stage or has finished; and
 * never exits.
 */
const [url = "", stopAt = "{}", prefix = "", names = ""] = process.argv.slice(2);
const { stage: stopStage, point }: { stage?: Stage; point?: CrashPoint } = JSON.parse(stopAt);
const never = new Promise<never>(() => {});

async function run(name: string): Promise<void> {
  const operation = operations.find((one) => one.name === name);
  if (operation === undefined) throw new Error(`Unknown operation "${name}".`);
  const db = createDatabase(url, { max: 1 });
  if (point !== undefined) await pauseAt(db, point);
  await runOperation(db, operation, `${prefix} ${name}`, async (stage) => {
    if (stage !== stopStage) return;
    process.send?.(name);
    await never;
  });
  process.send?.(name);
}

await Promise.all([never, ...names.split(",").map(run)]);
