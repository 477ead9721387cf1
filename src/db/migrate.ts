import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { readFunctionSet, type SqlFile } from "./function-set";

const root = fileURLToPath(new URL("../..", import.meta.url));
const migrationsFolder = path.join(root, "drizzle");
const grantsFile = fileURLToPath(new URL("./grants.sql", import.meta.url));

/** An advisory lock key that nothing else in this database uses. */
const LOCK_KEY = 0x716966;

/**
 * Brings a database up to date, as the role that owns it: runs migrations, installs the SQL functions
 * (all of them if a file or a migration changed) and applies the grants of the application's role.
 *
 * Holds a session-level advisory lock, so concurrent deployments are safe: one migrates, and the
 * others wait and find nothing to do. `ownerUrl` must not lead through a transaction-mode pooler. A
 * function whose result type or parameter names changed must be dropped by a migration.
 * @throws Error with the name of the file that Postgres refused and its message
 */
export async function migrateDatabase(options: {
  ownerUrl: string;
  appRole: string;
  log?: (line: string) => void;
}): Promise<void> {
  const { ownerUrl, appRole, log = () => {} } = options;
  const sql = postgres(ownerUrl, {
    max: 1,
    max_lifetime: null,
    prepare: false,
    connect_timeout: 15,
    onnotice: () => {},
    connection: { application_name: "qiflow-migrate" },
  });
  try {
    await sql`select pg_advisory_lock(${LOCK_KEY})`;
    await migrate(drizzle(sql), { migrationsFolder }).catch((error: unknown) => {
      throw new Error(`A migration failed: ${reasonOf(error)}`, { cause: error });
    });
    await installFunctions(sql, log);
    await applyGrants(sql, appRole, log);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Replaces all functions in one transaction, so that no caller sees half of a new set. */
async function installFunctions(sql: postgres.Sql, log: (line: string) => void): Promise<void> {
  const { files, setHash } = await readFunctionSet(root);
  await sql`
    create table if not exists installed_function_set (
      only_row boolean primary key default true check (only_row),
      set_hash text not null,
      installed_at timestamptz not null
    )`;
  const [installed] = await sql<{ set_hash: string }[]>`
    select set_hash from installed_function_set`;
  if (installed?.set_hash === setHash) return;
  await sql.begin(async (transaction) => {
    // Functions call each other across files, so their bodies are checked once all of them exist.
    await transaction`set local check_function_bodies = off`;
    for (const file of files) await runFile(transaction, file);
    await dropOtherFunctions(transaction);
    await transaction`set local check_function_bodies = on`;
    for (const file of files) await runFile(transaction, file);
    await transaction`
      insert into installed_function_set (set_hash, installed_at)
      values (${setHash}, now())
      on conflict (only_row) do update
      set set_hash = excluded.set_hash, installed_at = excluded.installed_at`;
  });
  log(`Installed the SQL functions (${files.length} files).`);
}

/**
 * Drops the ledger functions that this transaction has not replaced. If an older release migrates after
 * a newer one, functions of both remain, and a call that fits two of one name fails.
 */
async function dropOtherFunctions(sql: postgres.TransactionSql): Promise<void> {
  const others = await sql<{ signature: string }[]>`
    select oid::regprocedure::text as signature from pg_proc
    where pronamespace = 'public'::regnamespace and starts_with(proname, 'credits_')
      and xmin <> pg_current_xact_id()::xid`;
  for (const { signature } of others) await sql.unsafe(`drop function ${signature}`);
}

async function applyGrants(
  sql: postgres.Sql,
  appRole: string,
  log: (line: string) => void,
): Promise<void> {
  const [owner] = await sql<{ role: string }[]>`select current_user as role`;
  if (owner?.role === appRole) {
    log(
      `Warning: migrations and the application both use the role "${appRole}", so the database ` +
        "cannot keep the application from writing the ledger except through its functions. Give " +
        "DATABASE_URL a separate role that owns no tables.",
    );
    return;
  }
  const [known] = await sql`select from pg_roles where rolname = ${appRole}`;
  if (known === undefined) {
    throw new Error(
      `The application's role does not exist. Create it: CREATE ROLE "${appRole}" LOGIN`,
    );
  }
  const quotedRole = `"${appRole.replaceAll('"', '""')}"`;
  const grants = await readFile(grantsFile, "utf8");
  const text = grants.replaceAll(/:app_role\b/g, () => quotedRole);
  await sql.begin((transaction) => runFile(transaction, { name: "db/grants.sql", text }));
}

async function runFile(sql: postgres.TransactionSql, file: SqlFile): Promise<void> {
  await sql.unsafe(file.text).catch((error: unknown) => {
    const at = error instanceof postgres.PostgresError ? lineOf(file.text, error.position) : "";
    throw new Error(`src/${file.name}${at}: ${reasonOf(error)}`, { cause: error });
  });
}

function lineOf(text: string, position: string | undefined): string {
  if (position === undefined) return "";
  return `:${text.slice(0, Number(position)).split("\n").length}`;
}

/** Drizzle wraps the database's error; the innermost message is the useful one. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
