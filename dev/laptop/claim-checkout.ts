import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { link, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { z } from "zod";

/** The addresses of a running start; null while it is still starting. */
export type Addresses = {
  readonly appUrl: string;
  readonly simulatorUrl: string | null;
} | null;

export type GrantedClaim = {
  readonly granted: true;
  /** Publishes the addresses for later callers. */
  publish(where: Addresses): void;
  release(): void;
};

export type Claim = GrantedClaim | { readonly granted: false; readonly where: Addresses };

const claimRecord = z.object({ port: z.number(), token: z.string() });
const holderResponse = z.object({
  token: z.string(),
  where: z.object({ appUrl: z.string(), simulatorUrl: z.string().nullable() }).nullable(),
});

/**
 * Claims a data directory for this process, or returns the addresses of the start that holds it.
 *
 * The claim is a small HTTP server that dies with the process, recorded in `running.<n>.json`; a pid in
 * a file would survive a crash and could be reused. A record is never overwritten, and the latest one
 * stays: replacing a dead record could delete one that a competing start has just written. A process
 * that finds the latest record dead creates the next number, which only one of them can do.
 */
export async function claimCheckout(dataDirectory: string): Promise<Claim> {
  const token = randomUUID();
  let where: Addresses = null;
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ token, where }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The claim has no port.");
  server.unref();
  const end = () => {
    server.closeAllConnections();
    server.close();
  };

  const holder = await recordClaim(dataDirectory, { port: address.port, token });
  if (holder !== null) {
    end();
    return { granted: false, where: holder.where };
  }
  return {
    granted: true,
    publish(found) {
      where = found;
    },
    release: end,
  };
}

/** Queries the start that holds a data directory; null if there is none. */
export async function findHolder(dataDirectory: string): Promise<Holder | null> {
  const number = (await recordNumbers(dataDirectory)).at(-1);
  return number === undefined ? null : queryHolder(recordFile(dataDirectory, number));
}

type ClaimRecord = z.output<typeof claimRecord>;
type Holder = { readonly where: Addresses };

/** Writes the next record if the latest holder is gone; otherwise returns the holder. */
async function recordClaim(dataDirectory: string, own: ClaimRecord): Promise<Holder | null> {
  for (;;) {
    const latest = (await recordNumbers(dataDirectory)).at(-1) ?? 0;
    const holder = latest > 0 ? await queryHolder(recordFile(dataDirectory, latest)) : null;
    if (holder !== null) return holder;
    const next = recordFile(dataDirectory, latest + 1);
    if (!(await writeOnce(next, JSON.stringify(own)))) continue;
    const numbers = await recordNumbers(dataDirectory);
    if (numbers.at(-1) === latest + 1) {
      for (const past of numbers.slice(0, -1)) {
        await rm(recordFile(dataDirectory, past), { force: true });
      }
      return null;
    }
    // The number was taken and removed by the holder of a later one.
    await rm(next, { force: true });
  }
}

async function queryHolder(file: string): Promise<Holder | null> {
  try {
    const { port, token } = claimRecord.parse(JSON.parse(await readFile(file, "utf8")));
    const response = await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(3000) });
    const holder = holderResponse.parse(await response.json());
    return holder.token === token ? holder : null;
  } catch {
    return null;
  }
}

const recordFile = (dataDirectory: string, number: number) =>
  path.join(dataDirectory, `running.${number}.json`);

/** The numbers of the existing records, latest last. */
async function recordNumbers(dataDirectory: string): Promise<number[]> {
  return (await readdir(dataDirectory))
    .map((name) => Number(/^running\.(\d+)\.json$/.exec(name)?.[1]))
    .filter(Number.isSafeInteger)
    .toSorted((a, b) => a - b);
}

/** Creates the file atomically, or not at all if it exists, so that no reader sees a partial file. */
async function writeOnce(file: string, text: string): Promise<boolean> {
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, text, { mode: 0o600 });
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
