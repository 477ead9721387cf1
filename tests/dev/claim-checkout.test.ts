import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claimCheckout } from "../../dev/claim-checkout";
import { runFixture } from "./run-fixture";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "qiflow-claim-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function claimGranted() {
  const claim = await claimCheckout(directory);
  if (!claim.granted) throw new Error("The claim was refused.");
  return claim;
}

test("a second start is told where the first one is", async () => {
  const first = await claimGranted();
  expect(await claimCheckout(directory)).toEqual({ granted: false, where: null });
  const where = { appUrl: "http://localhost:3000", simulatorUrl: null };
  first.announce(where);
  expect(await claimCheckout(directory)).toEqual({ granted: false, where });
  await first.release();
});

test("of many at once one is granted", async () => {
  const claims = await Promise.all(Array.from({ length: 10 }, () => claimCheckout(directory)));
  expect(claims.filter((claim) => claim.granted)).toHaveLength(1);
  for (const claim of claims) if (claim.granted) await claim.release();
});

test("a released claim can be had again and leaves no file", async () => {
  await (await claimGranted()).release();
  expect(await readdir(directory)).toEqual([]);
  await (await claimGranted()).release();
});

test("a claim whose holder was killed can be had", async () => {
  const holder = runFixture("hold-claim", directory);
  await holder.line("granted");
  expect((await claimCheckout(directory)).granted).toBe(false);
  await holder.kill("SIGKILL");
  await (await claimGranted()).release();
});

test("a damaged note counts as none", async () => {
  await writeFile(path.join(directory, "running.json"), "{");
  await (await claimGranted()).release();
});
