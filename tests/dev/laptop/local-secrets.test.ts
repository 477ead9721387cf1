import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadLocalSecrets } from "../../../dev/laptop/local-secrets";

let directory: string;
const file = () => path.join(directory, "secrets.json");

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "qiflow-secrets-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe("loadLocalSecrets", () => {
  it("generates the secrets once, readable by their owner only", async () => {
    const first = await loadLocalSecrets(directory);
    expect(await loadLocalSecrets(directory)).toEqual(first);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(new Set(Object.values(first)).size).toBe(Object.keys(first).length);
  });

  it("keeps existing secrets and adds missing ones", async () => {
    await writeFile(file(), JSON.stringify({ demoPassword: "kept from before" }));
    const secrets = await loadLocalSecrets(directory);
    expect(secrets.demoPassword).toBe("kept from before");
    expect(secrets.adminPassword).not.toBe("");
    expect(JSON.parse(await readFile(file(), "utf8"))).toEqual(secrets);
  });

  it("rejects a damaged file and leaves it unchanged", async () => {
    await writeFile(file(), "{ half");
    await expect(loadLocalSecrets(directory)).rejects.toThrow(/secrets\.json cannot be read/);
    expect(await readFile(file(), "utf8")).toBe("{ half");
  });
});
