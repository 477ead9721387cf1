import { createDatabase, type Database, type DatabaseOptions } from "@/db/client";

/** Whether the run's `appUrl` leads through a transaction-mode pooler (tests/setup/test-cluster.ts). */
export const isPooled = Boolean(process.env.TEST_POOLER_URL);

/** Connects like the application, with its setting for a pooler if there is one. */
export function connectToDatabase(url: string, options: DatabaseOptions = {}): Database {
  return createDatabase(url, { transactionPooler: isPooled, ...options });
}
