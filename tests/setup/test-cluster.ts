import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import postgres from "postgres";
import { migrateDatabase } from "@/db/migrate";
import { startEmbeddedPostgres } from "../../dev/postgres/embedded-postgres";

export type TestClusterUrls = {
  /** URLs of the migrated template database. Tests clone it and never write to it. */
  readonly ownerUrl: string;
  readonly appUrl: string;
  /** The application's role without the pooler. */
  readonly directUrl: string;
  readonly superuserUrl: string;
};

export type TestCluster = { readonly urls: TestClusterUrls; stop(): Promise<void> };

/** Test databases need no durability. */
const settings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "300",
};

/**
 * Starts a temporary cluster with the migrated template. With TEST_DATABASE_URL, the URL of a superuser
 * of a server for tests, creates the template there instead, gives the two roles that superuser's
 * password, and drops the run's databases at the end. TEST_POOLER_URL is the address of a
 * transaction-mode pooler in front of that server, through which the application's role connects.
 */
export async function startTestCluster(): Promise<TestCluster> {
  const { TEST_DATABASE_URL: superuserUrl, TEST_POOLER_URL: poolerUrl } = process.env;
  if (superuserUrl) return openServer(superuserUrl, poolerUrl || null);
  const password = () => randomBytes(12).toString("hex");
  const server = await startEmbeddedPostgres({
    directory: await mkdtemp(path.join(tmpdir(), "qiflow-test-")),
    passwords: { superuser: password(), owner: password(), app: password() },
    settings,
    throwaway: true,
  });
  const { ownerUrl, appUrl, superuserUrl: ours } = server;
  const urls = { ownerUrl, appUrl, directUrl: appUrl, superuserUrl: ours };
  return migrateTemplate(urls, server.stop);
}

async function openServer(superuserUrl: string, poolerUrl: string | null): Promise<TestCluster> {
  const admin = postgres(superuserUrl, { max: 1, onnotice: () => {} });
  const template = `qiflow_test_${randomBytes(4).toString("hex")}`;
  const password = decodeURIComponent(new URL(superuserUrl).password).replaceAll("'", "''");
  const stop = async () => {
    const left = await admin<{ name: string }[]>`
      select datname as name from pg_database where starts_with(datname, ${template})`;
    for (const { name } of left) await admin.unsafe(`drop database ${name} with (force)`);
    await admin.end({ timeout: 5 });
  };
  try {
    await admin.begin(async (sql) => {
      await sql`select pg_advisory_xact_lock(hashtext('qiflow test roles'))`;
      for (const role of ["qiflow_owner", "qiflow_app"]) {
        const [found] = await sql`select from pg_roles where rolname = ${role}`;
        const verb = found === undefined ? "create" : "alter";
        await sql.unsafe(`${verb} role ${role} login password '${password}'`);
        // Where it is on, compiling the queries of the tests takes longer than everything else.
        await sql.unsafe(`alter role ${role} set jit = off`);
      }
    });
    await admin.unsafe(`create database ${template} owner qiflow_owner`);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = (server: string, role: string) => {
    const changed = new URL(superuserUrl);
    changed.host = new URL(server).host;
    changed.pathname = `/${template}`;
    changed.username = role;
    return changed.href;
  };
  const urls = {
    ownerUrl: url(superuserUrl, "qiflow_owner"),
    appUrl: url(poolerUrl ?? superuserUrl, "qiflow_app"),
    directUrl: url(superuserUrl, "qiflow_app"),
    superuserUrl,
  };
  return migrateTemplate(urls, stop);
}

async function migrateTemplate(
  urls: TestClusterUrls,
  stop: () => Promise<void>,
): Promise<TestCluster> {
  try {
    await migrateDatabase({ ownerUrl: urls.ownerUrl, appRole: "qiflow_app" });
  } catch (error) {
    await stop();
    throw error;
  }
  return { urls, stop };
}
