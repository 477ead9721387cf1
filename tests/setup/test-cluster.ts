import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { migrateDatabase } from "@/db/migrate";
import { startEmbeddedPostgres } from "../../dev/postgres/embedded-postgres";

export type TestClusterUrls = {
  /** URLs of the migrated template database `qiflow`. Tests clone it and never write to it. */
  readonly ownerUrl: string;
  readonly appUrl: string;
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

/** Starts a temporary cluster with the migrated template. */
export async function startTestCluster(): Promise<TestCluster> {
  const password = () => randomBytes(12).toString("hex");
  const server = await startEmbeddedPostgres({
    directory: await mkdtemp(path.join(tmpdir(), "qiflow-test-")),
    passwords: { superuser: password(), owner: password(), app: password() },
    settings,
    throwaway: true,
  });
  const { ownerUrl, appUrl, superuserUrl } = server;
  try {
    await migrateDatabase({ ownerUrl, appRole: "qiflow_app" });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { urls: { ownerUrl, appUrl, superuserUrl }, stop: server.stop };
}
