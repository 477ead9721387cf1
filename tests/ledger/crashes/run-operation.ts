import type { Database } from "@/db/client";
import type { Operation } from "./operations";

/** Points between the statements of an operation. A job sends one statement, its own transaction. */
export type Stage = "begun" | "written" | "committed";

/** Runs an operation as the application does and reports each stage. */
export async function runOperation(
  db: Database,
  operation: Operation,
  userId: string,
  onStage: (stage: Stage) => Promise<void>,
): Promise<unknown> {
  const result = await ("job" in operation
    ? operation.job(db)
    : db.transaction(async (tx) => {
        await tx.execute("select 1");
        await onStage("begun");
        const written = await operation.write(tx, userId);
        await onStage("written");
        return written;
      }));
  await onStage("committed");
  return result;
}
