import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { z } from "zod";

/** Where the things of a running start are; null while it is still starting. */
export type Whereabouts = {
  readonly appUrl: string;
  readonly simulatorUrl: string | null;
} | null;

export type GrantedClaim = {
  readonly granted: true;
  /** Tells those who ask later where things are. */
  announce(where: Whereabouts): void;
  release(): Promise<void>;
};

export type Claim = GrantedClaim | { readonly granted: false; readonly where: Whereabouts };

const note = z.object({ port: z.number(), token: z.string() });
const answer = z.object({
  token: z.string(),
  where: z.object({ appUrl: z.string(), simulatorUrl: z.string().nullable() }).nullable(),
});

/**
 * Claims a data directory for this process, or tells where the start that has it is to be found.
 *
 * The claim is a small server that dies with the process, noted in `running.json`. A pid in a file
 * would outlive a crash and could by then be somebody else's.
 */
export async function claimCheckout(dataDirectory: string): Promise<Claim> {
  const file = path.join(dataDirectory, "running.json");
  const token = randomUUID();
  let where: Whereabouts = null;
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ token, where }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The claim has no port.");
  server.unref();

  while (!(await writeOnce(file, JSON.stringify({ port: address.port, token })))) {
    const holder = await askHolder(file);
    if (holder !== null) {
      server.close();
      return { granted: false, where: holder.where };
    }
    await rm(file, { force: true });
  }
  return {
    granted: true,
    announce(found) {
      where = found;
    },
    async release() {
      server.closeAllConnections();
      server.close();
      await rm(file, { force: true });
    },
  };
}

/** Asks the start that holds a data directory; null when none does. */
export async function askHolder(file: string): Promise<{ where: Whereabouts } | null> {
  try {
    const { port, token } = note.parse(JSON.parse(await readFile(file, "utf8")));
    const response = await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(3000) });
    const holder = answer.parse(await response.json());
    return holder.token === token ? holder : null;
  } catch {
    return null;
  }
}

/** Creates the file whole, or not at all when it exists: a reader never meets half of it. */
async function writeOnce(file: string, text: string): Promise<boolean> {
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, text, { mode: 0o600 });
  try {
    await link(unfinished, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}
