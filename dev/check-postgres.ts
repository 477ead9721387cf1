import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startDebianPostgres } from "./debian/debian-postgres";
import { installPackages } from "./debian/packages";
import { startPgBouncer } from "./debian/pgbouncer";

const help = `npm run check:postgres         runs the tests of the database, the ledger with its distribution, and
                               billing on Debian's Postgres 15 and again through its PgBouncer in
                               transaction mode; installs both as root on Debian 12
    -- tests/db …              runs these tests only`;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TESTS = ["tests/db", "tests/ledger", "tests/billing"];
/** These explain plans and set statistics, which is different in every version. */
const DIRECT_ONLY = ["tests/admin/lists", "tests/admin/reports"];

async function main(): Promise<void> {
  const chosen = process.argv.slice(2);
  if (chosen.includes("--help")) {
    console.log(help);
    return;
  }
  await installPackages();
  const server = await startDebianPostgres();
  try {
    const superuserUrl = `postgres://postgres:${server.superuserPassword}@127.0.0.1:${server.port}/postgres`;
    const direct = chosen.length > 0 ? chosen : [...TESTS, ...DIRECT_ONLY];
    await runTests("on Postgres 15", direct, { TEST_DATABASE_URL: superuserUrl });
    const pooler = await startPgBouncer(server);
    try {
      await runTests("through PgBouncer", chosen.length > 0 ? chosen : TESTS, {
        TEST_DATABASE_URL: superuserUrl,
        TEST_POOLER_URL: pooler.url,
      });
    } finally {
      await pooler.stop();
    }
  } finally {
    await server.stop();
  }
}

async function runTests(
  where: string,
  files: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  console.log(`\n==> ${files.join(", ")} ${where}`);
  const child = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...files], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`Tests failed ${where}.`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
