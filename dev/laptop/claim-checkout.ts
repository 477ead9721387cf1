import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { link, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
  release(): void;
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
 * The claim is a small server that dies with the process, noted in `running.<n>.json`. A pid in a
 * file would outlive a crash and could by then be somebody else's. A note is never written over and
 * the latest one stays: removing a dead note to write one's own in its place would, between two
 * starts at once, remove the note that the other has just written. Whoever finds the latest note
 * dead writes the next number, which one of many can do.
 */
export async function claimCheckout(dataDirectory: string): Promise<Claim> {
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
  const end = () => {
    server.closeAllConnections();
    server.close();
  };

  const holder = await takeOver(dataDirectory, { port: address.port, token });
  if (holder !== null) {
    end();
    return { granted: false, where: holder.where };
  }
  return {
    granted: true,
    announce(found) {
      where = found;
    },
    release: end,
  };
}

/** Asks the start that holds a data directory; null when none does. */
export async function askHolder(dataDirectory: string): Promise<Holder | null> {
  const number = (await noteNumbers(dataDirectory)).at(-1);
  return number === undefined ? null : askAuthor(noteFile(dataDirectory, number));
}

type Note = z.output<typeof note>;
type Holder = { readonly where: Whereabouts };

/** Writes the next note once the latest one's author is gone; answers the author otherwise. */
async function takeOver(dataDirectory: string, own: Note): Promise<Holder | null> {
  for (;;) {
    const latest = (await noteNumbers(dataDirectory)).at(-1) ?? 0;
    const holder = latest > 0 ? await askAuthor(noteFile(dataDirectory, latest)) : null;
    if (holder !== null) return holder;
    const next = noteFile(dataDirectory, latest + 1);
    if (!(await writeOnce(next, JSON.stringify(own)))) continue;
    const numbers = await noteNumbers(dataDirectory);
    if (numbers.at(-1) === latest + 1) {
      for (const past of numbers.slice(0, -1)) {
        await rm(noteFile(dataDirectory, past), { force: true });
      }
      return null;
    }
    // That number had been taken and cleared away by whoever has a later one.
    await rm(next, { force: true });
  }
}

async function askAuthor(file: string): Promise<Holder | null> {
  try {
    const { port, token } = note.parse(JSON.parse(await readFile(file, "utf8")));
    const response = await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(3000) });
    const author = answer.parse(await response.json());
    return author.token === token ? author : null;
  } catch {
    return null;
  }
}

const noteFile = (dataDirectory: string, number: number) =>
  path.join(dataDirectory, `running.${number}.json`);

/** The numbers of the notes there are, the latest last. */
async function noteNumbers(dataDirectory: string): Promise<number[]> {
  return (await readdir(dataDirectory))
    .map((name) => Number(/^running\.(\d+)\.json$/.exec(name)?.[1]))
    .filter(Number.isSafeInteger)
    .toSorted((a, b) => a - b);
}

/** Creates the file whole, or not at all when it exists: a reader never meets half of it. */
async function writeOnce(file: string, text: string): Promise<boolean> {
  const unfinished = `${file}.${randomUUID()}`;
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
