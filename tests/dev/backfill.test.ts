import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { claimCheckout } from "../../dev/laptop/claim-checkout";
import { BillingFixture, SECRET_KEY } from "../billing/billing-fixture";

let fixture: BillingFixture;
let dataDirectory: string;
let claim: Awaited<ReturnType<typeof claimCheckout>>;

/** What the command sees of a running start: a claim with the simulator's address, and secrets. */
beforeAll(async () => {
  fixture = await BillingFixture.create();
  dataDirectory = await mkdtemp(path.join(tmpdir(), "qiflow-backfill-"));
  const secrets = { stripeSecretKey: SECRET_KEY };
  await writeFile(path.join(dataDirectory, "secrets.json"), JSON.stringify(secrets));
  claim = await claimCheckout(dataDirectory);
  if (!claim.granted) throw new Error("The directory is taken.");
  claim.publish({ appUrl: "http://localhost:3000", simulatorUrl: fixture.simulator.url });
});
afterEach(() => fixture.expectBalanced());
afterAll(async () => {
  if (claim.granted) claim.release();
  await rm(dataDirectory, { recursive: true });
  await fixture.close();
});

/** Runs the command as `npm run backfill -- …` does and returns its output and exit code. */
function backfill(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^(STRIPE|RESEND|APP_URL)/.test(name),
  );
  const env = {
    NODE_ENV: process.env.NODE_ENV,
    ...Object.fromEntries(ours),
    DATABASE_URL: fixture.database.appUrl,
    STRIPE_SECRET_KEY: "",
    LOG_LEVEL: "silent",
    QIFLOW_DATA_DIR: dataDirectory,
  };
  const command = ["--import", "tsx", "dev/backfill.ts", ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

describe("npm run backfill", () => {
  it("handles the events that never arrived, as far back as requested", async () => {
    const userId = await fixture.signUp();
    await fixture.control.setDeliveryMode("drop");
    await fixture.buy(userId, "pack-basic");
    await fixture.control.setDeliveryMode("normal");
    // The session's and its invoice's.
    expect(await backfill("--days", "30")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^2 events backfilled\.\nComplete until 20\S+Z\.\n$/),
    });
    expect(await fixture.granted(userId)).toBe(100);
    expect((await backfill()).out).toContain("0 events backfilled.");
  });

  it("exits 1 when an event could not be stored", async () => {
    const userId = await fixture.signUp();
    await fixture.control.setDeliveryMode("drop");
    await fixture.buy(userId, "pack-basic");
    await fixture.control.setDeliveryMode("normal");
    const { ownerSql } = fixture.database;
    await ownerSql`alter table stripe_event add constraint broken check (false) not valid`;
    const { code, err } = await backfill();
    await ownerSql`alter table stripe_event drop constraint broken`;
    expect(code).toBe(1);
    expect(err).toContain("could not be stored");
    expect((await backfill()).code).toBe(0);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it.each(["0", "31", "1.5", "many"])("refuses %s days", async (days) => {
    const { code, err } = await backfill("--days", days);
    expect(code).toBe(1);
    expect(err).toContain("1 to 30");
  });
});
