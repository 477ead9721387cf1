import type { Database } from "@/db/client";
import type { Operation } from "./crash-operations";

/** Between the statements that a process sends; jobs send one statement that is its own transaction. */
export type Stage = "begun" | "written" | "committed";

/** Runs an operation as the application does, and tells `onStage` how far it has come. */
export async function runOperation(
  db: Database,
  operation: Operation,
  userId: string,
  onStage: (stage: Stage) => Promise<void>,
): Promise<unknown> {
  const answer = await ("job" in operation
    ? operation.job(db)
    : db.transaction(async (tx) => {
        await tx.execute("select 1");
        await onStage("begun");
        const written = await operation.write(tx, userId);
        await onStage("written");
        return written;
      }));
  await onStage("committed");
  return answer;
}
