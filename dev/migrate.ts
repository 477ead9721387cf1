import { existsSync } from "node:fs";
import postgres from "postgres";
import { migrateDatabase } from "@/db/migrate";

/**
 * `npm run db:migrate`: migrates the database of DIRECT_DATABASE_URL (or DATABASE_URL) and grants the
 * application's role, the one that DATABASE_URL signs in as, its rights.
 */
async function main(): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const appUrl = process.env.DATABASE_URL || undefined;
  const ownerUrl = process.env.DIRECT_DATABASE_URL || appUrl;
  if (appUrl === undefined || ownerUrl === undefined) {
    throw new Error(
      "DATABASE_URL (the application's role) is missing. Migrations use DIRECT_DATABASE_URL (the owner, " +
        "without a pooler) if it is set.",
    );
  }
  const appRole = await roleOf(appUrl);
  await migrateDatabase({ ownerUrl, appRole, log: (line) => console.log(line) });
  console.log("The database is up to date.");
}

/** Read from the database, because a pooler's user name may contain more than the role. */
async function roleOf(url: string): Promise<string> {
  const sql = postgres(url, { max: 1, prepare: false, connect_timeout: 15, onnotice: () => {} });
  try {
    const [row] = await sql<{ role: string }[]>`select current_user as role`;
    if (row === undefined) throw new Error("The database did not return the current role.");
    return row.role;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(`Migration failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
