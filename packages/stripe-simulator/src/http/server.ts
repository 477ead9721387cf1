import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { servePage } from "../pages/serve-page";
import { handleApiCall } from "./api";
import type { Site } from "./site";

const BODY_LIMIT_BYTES = 1_000_000;

interface Listening {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Serves the API under `/v1` and the hosted pages, on the loopback interface only. */
export async function listen(site: Site, port: number): Promise<Listening> {
  const server = createServer((request, response) => {
    handle(site, request, response).catch((error: unknown) => {
      console.error("stripe simulator:", error);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const bound = address !== null && typeof address === "object" ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(site: Site, request: IncomingMessage, response: ServerResponse) {
  const { pathname: path, search } = new URL(request.url ?? "/", "http://127.0.0.1");
  const method = request.method ?? "GET";
  const body = await readBody(request);
  if (body === null) {
    response.writeHead(413, { connection: "close" }).end();
  } else if (path === "/healthz") {
    response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  } else {
    const call = { method, path, query: search.slice(1), body, headers: request.headers };
    const result = path.startsWith("/v1/")
      ? handleApiCall(site.sim, site.secretKey, call)
      : await servePage(site, call);
    response.writeHead(result.status, result.headers).end(result.body);
  }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > BODY_LIMIT_BYTES) {
      return null;
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
