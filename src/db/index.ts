import { env } from "@/env";
import { createDatabase, type Database } from "./client";

const holder: typeof globalThis & { qiflowDatabase?: Database } = globalThis;

/** The application's pool, one per process. Kept on `globalThis` because Next reloads modules. */
export const db: Database = openOnce();

function openOnce(): Database {
  holder.qiflowDatabase ??= createDatabase(env.DATABASE_URL, {
    max: env.DATABASE_POOL_MAX,
    transactionPooler: env.DATABASE_TRANSACTION_POOLER,
  });
  return holder.qiflowDatabase;
}
