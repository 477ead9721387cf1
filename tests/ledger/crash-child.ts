import { createDatabase } from "@/db/client";
import { operations } from "./crash-operations";
import { type CrashPoint, standAt } from "./crash-points";
import { runOperation, type Stage } from "./run-operation";

/**
 * A process that is to be killed: runs the operations named, each on a user and a connection of its
 * own, up to a stage or a crash point; tells of each that stays at the stage or has ended, and lives
 * on.
 */
const [url = "", given = "{}", prefix = "", names = ""] = process.argv.slice(2);
const where: { stage?: Stage; point?: CrashPoint } = JSON.parse(given);
const never = new Promise<never>(() => {});

async function run(name: string): Promise<void> {
  const operation = operations.find((one) => one.name === name);
  if (operation === undefined) throw new Error(`There is no operation "${name}".`);
  const db = createDatabase(url, { max: 1 });
  if (where.point !== undefined) await standAt(db, where.point);
  await runOperation(db, operation, `${prefix} ${name}`, async (stage) => {
    if (stage !== where.stage) return;
    process.send?.(name);
    await never;
  });
  process.send?.(name);
}

await Promise.all([never, ...names.split(",").map(run)]);
