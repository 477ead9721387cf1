import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { TestProject } from "vitest/node";
import { startTestCluster, type TestCluster } from "./test-cluster";

/**
 * Provides one Postgres for the whole run, started on the first request, so that a run of pure tests
 * does not wait for it. Test files request it over HTTP because they run in their own processes.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let cluster: Promise<TestCluster> | undefined;
  const broker = createServer((_request, response) => {
    cluster ??= startTestCluster();
    cluster.then(
      ({ urls }) => response.end(JSON.stringify(urls)),
      (error: unknown) => {
        response.statusCode = 500;
        response.end(error instanceof Error ? error.message : String(error));
      },
    );
  });
  project.provide("testClusterAddress", await listen(broker));
  return async () => {
    broker.closeAllConnections();
    broker.close();
    await (await cluster?.catch(() => undefined))?.stop();
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The broker has no port.");
  return `http://127.0.0.1:${address.port}`;
}

declare module "vitest" {
  interface ProvidedContext {
    testClusterAddress: string;
  }
}
