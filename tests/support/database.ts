import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { z } from "zod";
import type { Database } from "@/db/client";
import { connectToDatabase, isPooled } from "./connect-to-database";

export type TestDatabase = {
  readonly ownerUrl: string;
  readonly appUrl: string;
  /** Never leads through a pooler: for tests that set or inspect a session of the application. */
  readonly directUrl: string;
  /** Connects as the application does, with the application's role. */
  readonly db: Database;
  /** A plain client with the application's role. */
  readonly sql: postgres.Sql;
  /** A plain client with the role that owns the tables, for setup that no function allows. */
  readonly ownerSql: postgres.Sql;
  /** Sets how many rows Postgres estimates a table to have. */
  setRowEstimate(table: string, rows: number): Promise<void>;
  /** A copy of the database as it is now, as if it had been dumped and restored. */
  copy(): Promise<TestDatabase>;
  /** Closes the connections and drops the database. */
  close(): Promise<void>;
};

const clusterUrls = z.object({
  ownerUrl: z.url(),
  appUrl: z.url(),
  directUrl: z.url(),
  superuserUrl: z.url(),
});

/**
 * Creates a migrated database by cloning a template (about 50 ms). Create one per test file in
 * `beforeAll` and close it in `afterAll`. `timeZone` is that of its sessions, by default the
 * machine's. An `empty` database is not migrated.
 */
export async function createTestDatabase({
  timeZone,
  empty = false,
}: {
  timeZone?: string;
  empty?: boolean;
} = {}): Promise<TestDatabase> {
  const template = await requestCluster();
  const name = newName(template);
  await asSuperuser(template.superuserUrl, async (sql) => {
    await sql.unsafe(
      `create database ${name} template ${empty ? "template0" : nameOf(template)} owner qiflow_owner strategy file_copy`,
    );
    if (timeZone !== undefined)
      await sql.unsafe(`alter database ${name} set timezone to '${timeZone}'`);
  });
  return openDatabase(template, name);
}

function openDatabase(template: z.output<typeof clusterUrls>, name: string): TestDatabase {
  const ownerUrl = withDatabase(template.ownerUrl, name);
  const appUrl = withDatabase(template.appUrl, name);
  const db = connectToDatabase(appUrl);
  const sql = connect(appUrl);
  const ownerSql = connect(ownerUrl);
  return {
    ownerUrl,
    appUrl,
    directUrl: withDatabase(template.directUrl, name),
    db,
    sql,
    ownerSql,
    setRowEstimate: (table, rows) =>
      asSuperuser(
        withDatabase(template.superuserUrl, name),
        (admin) =>
          admin`update pg_class set reltuples = ${rows}::real where oid = ${table}::regclass`,
      ),
    async copy() {
      const copied = newName(template);
      await asSuperuser(template.superuserUrl, async (admin) => {
        // A database with connections can't be copied. The pools reconnect when they are used.
        await admin`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = ${name}`;
        await admin.unsafe(
          `create database ${copied} template ${name} owner qiflow_owner strategy file_copy`,
        );
      });
      return openDatabase(template, copied);
    },
    async close() {
      await Promise.all([db.$client, sql, ownerSql].map((pool) => pool.end({ timeout: 5 })));
      await asSuperuser(template.superuserUrl, (admin) =>
        admin.unsafe(`drop database ${name} with (force)`),
      );
    },
  };
}

/** Returns the URLs of the run's Postgres. The first request starts it. */
export async function requestCluster(): Promise<z.output<typeof clusterUrls>> {
  const response = await fetch(inject("testClusterAddress"));
  const body = await response.text();
  if (!response.ok) throw new Error(`The test Postgres could not be started: ${body}`);
  return clusterUrls.parse(JSON.parse(body));
}

function nameOf(template: z.output<typeof clusterUrls>): string {
  return new URL(template.ownerUrl).pathname.slice(1);
}

/** Begins with the template's name, so that the run can drop what a crashed test file left. */
function newName(template: z.output<typeof clusterUrls>): string {
  return `${nameOf(template)}_${randomBytes(8).toString("hex")}`;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function connect(url: string): postgres.Sql {
  return postgres(url, { max: 10, prepare: !isPooled, onnotice: () => {} });
}

async function asSuperuser(
  url: string,
  work: (sql: postgres.Sql) => Promise<unknown>,
): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
