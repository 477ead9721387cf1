import { existsSync } from "node:fs";
import path from "node:path";
import { createDatabase, type Database } from "@/db/client";
import { loadLocalSecrets } from "../laptop/local-secrets";
import { startEmbeddedPostgres } from "../postgres/embedded-postgres";
import { locateBinaries } from "../postgres/postgres-binaries";
import { preparePlace } from "../postgres/postgres-place";
import { adoptServer } from "../postgres/postgres-server";

export type OperatorDatabase = {
  readonly db: Database;
  /** Its address, with the application's role. */
  readonly url: string;
  close(): Promise<void>;
};

/**
 * Opens the database for an operator's command, with the application's role: DATABASE_URL, or the
 * embedded database of this checkout, which is started for the duration if it is not running.
 */
export async function openOperatorDatabase(): Promise<OperatorDatabase> {
  for (const file of [".env.local", ".env"]) if (existsSync(file)) process.loadEnvFile(file);
  const given = process.env.DATABASE_URL;
  if (given) {
    const db = createDatabase(given, {
      max: 4,
      transactionPooler: process.env.DATABASE_TRANSACTION_POOLER === "1",
    });
    return { db, url: given, close: () => db.$client.end({ timeout: 5 }) };
  }
  const dataDirectory = path.resolve(process.env.QIFLOW_DATA_DIR || ".data");
  if (!existsSync(dataDirectory)) {
    throw new Error(
      "DATABASE_URL is not set, and `npm run dev` has not created a database here yet.",
    );
  }
  return openEmbedded(dataDirectory);
}

async function openEmbedded(dataDirectory: string): Promise<OperatorDatabase> {
  const secrets = await loadLocalSecrets(dataDirectory);
  const directory = path.join(dataDirectory, "postgres");
  const place = await preparePlace(directory);
  const running = await adoptServer({
    place,
    binaries: await locateBinaries(place.runAs),
    superuserPassword: secrets.postgresSuperuser,
    settings: {},
  });
  if (running !== null) {
    const url = `postgres://qiflow_app:${secrets.postgresApp}@127.0.0.1:${running.port}/qiflow`;
    const db = createDatabase(url, { max: 4 });
    return { db, url, close: () => db.$client.end({ timeout: 5 }) };
  }
  const server = await startEmbeddedPostgres({
    directory,
    passwords: {
      superuser: secrets.postgresSuperuser,
      owner: secrets.postgresOwner,
      app: secrets.postgresApp,
    },
  });
  const db = createDatabase(server.appUrl, { max: 4 });
  return {
    db,
    url: server.appUrl,
    async close() {
      await db.$client.end({ timeout: 5 });
      await server.stop();
    },
  };
}
