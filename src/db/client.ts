import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import * as schema from "./schema";

export interface DatabaseOptions {
  /** Connections at most. */
  readonly max?: number;
  /** True behind a transaction-mode pooler: no prepared statements, no session state. */
  readonly transactionPooler?: boolean;
}

/**
 * Opens a pool. Without a URL postgres-js would silently try 127.0.0.1:5432, so an empty one throws.
 */
export function createDatabase(url: string, options: DatabaseOptions = {}) {
  if (url === "") throw new Error("createDatabase needs a URL; DATABASE_URL is empty.");
  const client = postgres(url, {
    max: options.max ?? 10,
    prepare: !(options.transactionPooler ?? false),
    connect_timeout: 10,
    idle_timeout: 60,
    onnotice: () => {},
  });
  return drizzle(client, { schema, casing: "snake_case" });
}

export type Database = ReturnType<typeof createDatabase>;
/** What runs inside `db.transaction(...)`. Credit writers take this and never open one themselves. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];
/** For reads, which do not care. */
export type Reader = Database | Transaction;
