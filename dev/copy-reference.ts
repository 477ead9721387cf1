import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";

const PACKAGE = "node_modules/@scalar/api-reference";

/**
 * Copies the renderer of the API reference into `public` and returns its address. A production install
 * lacks the package and uses the file of the build.
 */
export async function copyReference(root: string): Promise<string> {
  const folder = path.join(root, "public/reference");
  await mkdir(folder, { recursive: true });
  const stored = await readdir(folder);
  const version = await installedVersion(root);
  const name = version === null ? stored[0] : `scalar-${version}.js`;
  if (name === undefined)
    throw new Error("Run `npm ci`: the renderer of the reference is missing.");
  if (!stored.includes(name)) {
    for (const old of stored) await rm(path.join(folder, old));
    const source = path.join(root, PACKAGE, "dist/browser/standalone.js");
    await copyFile(source, path.join(folder, name));
  }
  return `/reference/${name}`;
}

async function installedVersion(root: string): Promise<string | null> {
  try {
    const text = await readFile(path.join(root, PACKAGE, "package.json"), "utf8");
    return (JSON.parse(text) as { version: string }).version;
  } catch {
    return null;
  }
}
