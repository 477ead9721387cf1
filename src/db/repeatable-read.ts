import type { Database, Transaction } from "./client";
import { driverErrorOf } from "./driver-error";

const MAX_ATTEMPTS = 10;

/**
 * Runs `work` under repeatable read, which makes state that was read before a lock exact: Postgres
 * rejects the lock if the row was written in between (40001), and the transaction starts over.
 * Locking before reading would hold the row for another round trip.
 */
export async function inRepeatableRead<T>(
  db: Database,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(work, { isolationLevel: "repeatable read" });
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isSerializationFailure(error)) throw error;
    }
  }
}

/** Runs reads that must agree with each other, on one snapshot of the database. Locks nothing. */
export async function readSnapshot<T>(
  db: Database,
  read: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return db.transaction(read, { isolationLevel: "repeatable read", accessMode: "read only" });
}

function isSerializationFailure(error: unknown): boolean {
  const rejected = driverErrorOf(error);
  return rejected instanceof Error && "code" in rejected && rejected.code === "40001";
}
