import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimCheckout } from "../../../dev/laptop/claim-checkout";
import { runFixture } from "../run-fixture";

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

describe("claimCheckout", () => {
  it("returns the addresses of the first start to a second one", async () => {
    const first = await claimGranted();
    expect(await claimCheckout(directory)).toEqual({ granted: false, where: null });
    const where = { appUrl: "http://localhost:3000", simulatorUrl: null };
    first.publish(where);
    expect(await claimCheckout(directory)).toEqual({ granted: false, where });
    first.release();
  });

  it("grants exactly one of many concurrent claims, even over a dead record", async () => {
    for (let round = 0; round < 20; round += 1) {
      const claims = await Promise.all(Array.from({ length: 10 }, () => claimCheckout(directory)));
      const granted = claims.filter((claim) => claim.granted);
      expect(granted).toHaveLength(1);
      for (const claim of granted) claim.release();
    }
  });

  it("grants exactly one of many processes", async () => {
    const starts = Array.from({ length: 6 }, () => runFixture("hold-claim", directory));
    const lines = await Promise.all(starts.map((start) => start.line("")));
    expect(lines.filter((line) => line === "granted")).toHaveLength(1);
    await Promise.all(starts.map((start) => start.kill("SIGKILL")));
  });

  it("grants a released claim again and keeps one record", async () => {
    for (let round = 0; round < 3; round += 1) (await claimGranted()).release();
    expect(await readdir(directory)).toEqual(["running.3.json"]);
  });

  it("grants a claim whose holder was killed", async () => {
    const holder = runFixture("hold-claim", directory);
    await holder.line("granted");
    expect((await claimCheckout(directory)).granted).toBe(false);
    await holder.kill("SIGKILL");
    (await claimGranted()).release();
  });

  it("ignores a damaged record", async () => {
    await writeFile(path.join(directory, "running.1.json"), "{");
    (await claimGranted()).release();
  });
});
