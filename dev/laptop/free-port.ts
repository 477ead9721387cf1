import { createHash } from "node:crypto";
import { createServer } from "node:net";

/** A port between 15000 and 24999 that is stable for the same text, such as a checkout's path. */
export function portFor(text: string): number {
  return 15_000 + (createHash("sha256").update(text).digest().readUInt32BE(0) % 10_000);
}

/** Finds the first free TCP port from `from` on. Throws when 200 in a row are taken. */
export async function findFreePort(from: number): Promise<number> {
  for (let port = from; port < from + 200; port += 1) {
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No free port between ${from} and ${from + 199}.`);
}

/**
 * Whether nothing listens on the port. Tries both address families: a server on `::` also accepts
 * 127.0.0.1, and macOS would allow a second server beside it.
 */
export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port, "127.0.0.1")) && (await canListen(port, "::"));
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no listener there.
      resolve(error.code === "EAFNOSUPPORT" || error.code === "EADDRNOTAVAIL");
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
