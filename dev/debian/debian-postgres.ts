import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { guardAgainstOrphans } from "../laptop/orphan-guard";
import { type PostgresPlace, preparePlace } from "../postgres/postgres-place";
import {
  initialiseCluster,
  type ServerPlan,
  startServer,
  stopServer,
} from "../postgres/postgres-server";
import { POSTGRES_15 } from "./packages";

const COLLATION = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"];

export type DebianPostgres = {
  readonly place: PostgresPlace;
  readonly port: number;
  readonly superuserPassword: string;
  stop(): Promise<void>;
};

/**
 * Starts a temporary cluster of Debian's Postgres 15 without durability. It orders texts by a language's
 * rules, as most hosts do.
 */
export async function startDebianPostgres(): Promise<DebianPostgres> {
  const place = await preparePlace(await mkdtemp(path.join(tmpdir(), "qiflow-debian-")));
  const plan: ServerPlan = {
    place,
    binaries: POSTGRES_15,
    superuserPassword: randomBytes(12).toString("hex"),
    settings: {
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
      max_connections: "300",
    },
  };
  const { dataDirectory, directory } = place;
  const guard = guardAgainstOrphans(
    '"$1" stop -m fast -D "$2"; rm -rf "$3"',
    [POSTGRES_15.pgCtl, dataDirectory, directory],
    place.runAs,
  );
  const cleanUp = async () => {
    guard.disarm();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await initialiseCluster(plan, COLLATION);
    const { port } = await startServer(plan);
    return {
      place,
      port,
      superuserPassword: plan.superuserPassword,
      async stop() {
        await stopServer(plan);
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
