import { execFile } from "node:child_process";
import {
  chmod,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  symlink,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

/**
 * Copies the checkout into a temporary directory and returns its path. Includes changes that are not
 * committed. Packages are hard links where possible.
 */
export async function copyTree(root: string, { tests }: { tests: boolean }): Promise<string> {
  const tree = await mkdtemp(path.join(tmpdir(), "qiflow-copy-"));
  // The embedded Postgres may run as another user, who must reach its binaries.
  await chmod(tree, 0o755);
  const files = await listFiles(root);
  for (const file of files.filter((one) => tests || !isTest(one))) {
    await mkdir(path.join(tree, path.dirname(file)), { recursive: true });
    await copyFile(path.join(root, file), path.join(tree, file));
  }
  // npm puts the packages that only a workspace can use in a folder of the workspace.
  for (const folder of ["node_modules", "packages/client/node_modules"])
    await linkFolder(path.join(root, folder), path.join(tree, folder));
  return tree;
}

/** The specs of `dev` and the configuration of the browser tests use the fixtures of `tests`. */
function isTest(file: string): boolean {
  return (
    file.startsWith("tests/") || file.endsWith(".spec.ts") || file.endsWith("playwright.config.ts")
  );
}

/** The files of a checkout that are not ignored, by their paths from its root. */
export async function listFiles(root: string): Promise<string[]> {
  const list = async (...options: string[]) => {
    const { stdout } = await promisify(execFile)("git", ["ls-files", "-z", ...options], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.split("\0").filter((file) => file !== "");
  };
  const present = await list("--cached", "--others", "--exclude-standard");
  const deleted = new Set(await list("--deleted"));
  return present.filter((file) => !deleted.has(file));
}

/** A package's symbolic links, such as those to the workspaces, are relative and stay as they are. */
async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await linkFolder(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target).catch(() => copyFile(source, target));
  }
}
