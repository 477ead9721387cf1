import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import type { Statement } from "./connection";
import { ConnectionPool } from "./connection-pool";
import { pendingRows } from "./pending-rows";
import { runTransaction, type TransactionClient } from "./run-transaction";
import { parseTextArray, textArrayOf } from "./text-array";

const TEXT_ARRAY_OID = 1009;

export interface DatabaseOptions {
  /** Connections at most. */
  readonly max?: number;
  /** True behind a transaction-mode pooler: no prepared statements, no session state. */
  readonly transactionPooler?: boolean;
}

/**
 * Opens a pool. Without a URL postgres-js would silently try 127.0.0.1:5432, so an empty one throws.
 *
 * postgres-js speaks to Postgres, but its own pool and transactions do not survive the loss of a
 * connection (`connection.ts` says how), so ours lend and guard its connections.
 */
export function createDatabase(url: string, options: DatabaseOptions = {}): Database {
  if (url === "") throw new Error("createDatabase needs a URL; DATABASE_URL is empty.");
  const settings = {
    ...{ max: 1, prepare: !(options.transactionPooler ?? false) },
    ...{ connect_timeout: 10, idle_timeout: 0, max_lifetime: null, onnotice: () => {} },
    // postgres-js leaves the failure of that query to nobody, which ends the process; see below.
    fetch_types: false,
  };
  // Never connects: it is what drizzle sees, and where it says how values are read and written.
  const facade = postgres(url, settings);
  const { parsers, serializers } = facade.options;
  // The one array type in use. Another one has to be told here.
  parsers[TEXT_ARRAY_OID] = parseTextArray;
  serializers[TEXT_ARRAY_OID] = textArrayOf;
  const pool = new ConnectionPool({
    max: options.max ?? 10,
    connect(onclose) {
      const sql = postgres(url, { ...settings, onclose });
      Object.assign(sql.options.parsers, parsers);
      Object.assign(sql.options.serializers, serializers);
      return sql;
    },
  });
  const client = Object.assign(facade, {
    unsafe: (...statement: Statement) =>
      pendingRows((asValues) => pool.use((connection) => connection.run(statement, { asValues }))),
    begin: <T>(work: (client: TransactionClient) => Promise<T>) =>
      pool.use((connection) => runTransaction(connection, work)),
    end: (how?: { timeout?: number | undefined }) => pool.end(how),
  });
  return drizzle(client, { casing: "snake_case" });
}

export type Database = PostgresJsDatabase & { $client: postgres.Sql };
/** What runs inside `db.transaction(...)`. Credit writers take this and never open one themselves. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];
/** For reads, which do not care. */
export type Executor = Database | Transaction;
