import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { Database } from "@/db/client";
import { NotFound } from "@/lib/errors";
import { problemResponse, type Shared, serve, sharedOn } from "@/public-api/operation";
import { findOperations } from "@/public-api/operations";
import { SECRET } from "../auth/auth-fixture";
import { NOW } from "./api-fixture";

/** What happens to one request: a response instead of the API's, or the API's response is lost. */
export type Fault = "lose response" | "never respond" | (() => Response);

export interface ApiServer {
  /** Such as `http://127.0.0.1:40001/api/v1`. */
  readonly url: string;
  /** The requests so far, with faults: the method, the path and the idempotency key. */
  readonly requests: readonly string[];
  /** The faults of the next requests, in order. */
  failNext(...faults: Fault[]): void;
  close(): void;
}

/** Serves all operations over HTTP as the route files do. */
export async function startApiServer(db: Database): Promise<ApiServer> {
  const shared = sharedOn(db);
  const requests: string[] = [];
  const faults: Fault[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    requests.push([method, url, headers["idempotency-key"]].filter(Boolean).join(" "));
    respond(incoming, outgoing, { shared, fault: faults.shift() }).catch((error: unknown) =>
      outgoing.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    requests,
    failNext: (...next) => void faults.push(...next),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { shared, fault }: { shared: Shared; fault: Fault | undefined },
): Promise<void> {
  if (fault === "never respond") return;
  const response = typeof fault === "function" ? fault() : await run(incoming, shared);
  if (fault === "lose response") {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
}

function run(incoming: IncomingMessage, shared: Shared): Promise<Response> | Response {
  const url = new URL(incoming.url ?? "", "http://127.0.0.1");
  const segments = url.pathname.slice("/api/v1/".length).split("/").map(decodeURIComponent);
  const found = findOperations(segments);
  const operation = found?.methods[incoming.method === "POST" ? "post" : "get"];
  if (operation === undefined) return problemResponse(new NotFound("path or method"));
  const init: RequestInit & { duplex: "half" } = {
    method: incoming.method ?? "GET",
    headers: incoming.headers as Record<string, string>,
    body: incoming.method === "POST" ? (Readable.toWeb(incoming) as ReadableStream) : null,
    duplex: "half",
  };
  const request = new Request(url, init);
  return serve(operation, request, {
    target: found?.target,
    environment: {
      ...shared,
      secret: SECRET,
      network: null,
      clock: () => NOW,
      machineNow: NOW,
    },
  });
}
