import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import type { Statement } from "./connection";
import { ConnectionPool } from "./connection-pool";
import { pendingRows } from "./pending-rows";
import { runTransaction, type TransactionClient } from "./run-transaction";
import { parseTextArray, textArrayOf } from "./text-array";

const TEXT_ARRAY_OID = 1009;

export interface DatabaseOptions {
  /** Maximum number of connections. */
  readonly max?: number;
  /** True behind a transaction-mode pooler: no prepared statements, no session state. */
  readonly transactionPooler?: boolean;
}

/**
 * Opens a pool of connections. postgres-js speaks the protocol, but its pool and transactions don't
 * survive a lost connection, so `ConnectionPool` and `runTransaction` replace them
 * (docs/decisions/0009).
 * @throws Error if the URL is empty: postgres-js would silently try 127.0.0.1:5432
 */
export function createDatabase(url: string, options: DatabaseOptions = {}): Database {
  if (url === "") throw new Error("createDatabase needs a URL; DATABASE_URL is empty.");
  const settings = {
    max: 1,
    prepare: !(options.transactionPooler ?? false),
    connect_timeout: 10,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: () => {},
    // postgres-js does not handle a failure of the query for types, which would end the process.
    fetch_types: false,
  };
  // Never connects: drizzle sees it and registers its parsers and serializers on it.
  const facade = postgres(url, settings);
  const { parsers, serializers } = facade.options;
  // The only array type in use; another one must be registered here.
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
/** An open transaction. Credit writes take one and never open it themselves. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];
/** Either one, for reads. */
export type Executor = Database | Transaction;
