import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { priceChange } from "@/db/schema";
import { claimCheckout } from "../../dev/laptop/claim-checkout";
import { SECRET_KEY } from "../billing/billing-fixture";
import { PriceChangesFixture } from "../billing/price-changes/price-changes-fixture";

let fixture: PriceChangesFixture;
let dataDirectory: string;
let claim: Awaited<ReturnType<typeof claimCheckout>>;

/** What the command sees of a running start: a claim with the simulator's address, and secrets. */
beforeAll(async () => {
  fixture = await PriceChangesFixture.create();
  dataDirectory = await mkdtemp(path.join(tmpdir(), "qiflow-migrate-"));
  const secrets = { stripeSecretKey: SECRET_KEY };
  await writeFile(path.join(dataDirectory, "secrets.json"), JSON.stringify(secrets));
  claim = await claimCheckout(dataDirectory);
  if (!claim.granted) throw new Error("The directory is taken.");
  const { url } = fixture.billing.simulator;
  claim.publish({ appUrl: "http://localhost:3000", simulatorUrl: url });
});
afterAll(async () => {
  if (claim.granted) claim.release();
  await rm(dataDirectory, { recursive: true });
  await fixture.close();
});

/** Starts the command as `npm run catalog:migrate -- …` does. */
function start(args: readonly string[]): ChildProcess & { readonly out: Promise<string> } {
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^(STRIPE|RESEND|APP_URL)/.test(name),
  );
  const env = {
    NODE_ENV: process.env.NODE_ENV,
    ...Object.fromEntries(ours),
    DATABASE_URL: fixture.billing.database.appUrl,
    STRIPE_SECRET_KEY: "",
    LOG_LEVEL: "silent",
    QIFLOW_DATA_DIR: dataDirectory,
  };
  const command = ["--import", "tsx", "dev/catalog-migrate.ts", ...args];
  const child = spawn(process.execPath, command, { env, stdio: ["ignore", "pipe", "pipe"] });
  const out = Promise.all([text(child.stdout), text(child.stderr)]).then((both) => both.join(""));
  return Object.assign(child, { out });
}

async function migrate(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = start(args);
  const exit = once(child, "exit");
  const out = await child.out;
  await exit;
  return { code: child.exitCode, out };
}

describe("npm run catalog:migrate", () => {
  it("shows a dry run, survives a kill, and schedules everyone once", async () => {
    const plan = fixture.newPlan();
    const { from, to } = await fixture.sellTwoVersions(plan);
    const subscribers: Awaited<ReturnType<typeof fixture.subscribe>>[] = [];
    for (let n = 0; n < 4; n += 1) subscribers.push(await fixture.subscribe(from));
    const args = ["--plan", plan, "--from", "1", "--to", "2"];

    const dry = await migrate(...args, "--dry-run");
    expect(dry.code).toBe(0);
    for (const line of [
      `${plan}-monthly: ${from} → ${to}`,
      "from  US$7.90 a month, 600 credits a month",
      "to    US$11.90 a month, 800 credits a month",
      `4 × ${plan}-monthly, usd`,
      "4 to schedule, 0 scheduled before, 0 skipped, 0 failed.",
      "Nothing was changed.",
    ]) {
      expect(dry.out).toContain(line);
    }
    const { db, database } = fixture.billing;
    const scheduled = () => db.$count(priceChange);
    expect(await scheduled()).toBe(0);

    // Stripe lists the newest first, so the run stops in the middle, at the row that is locked here.
    await database.ownerSql.begin(async (sql) => {
      await sql`select 1 from "user" where id = ${subscribers[1]?.userId ?? ""} for update`;
      const [self] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const child = start(args);
      await fixture.billing.waitUntilBlocked(self?.pid ?? 0);
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    });
    expect(await scheduled()).toBe(2);

    const resumed = await migrate(...args);
    expect(resumed.code).toBe(0);
    expect(resumed.out).toContain("2 scheduled, 2 scheduled before, 0 skipped, 0 failed.");
    for (const { userId } of subscribers)
      expect(await fixture.entriesOf(userId)).toEqual(["email"]);
  });

  it("exits 1 and names the known versions when one is unknown", async () => {
    const plan = fixture.newPlan();
    await fixture.sellTwoVersions(plan);
    const { code, out } = await migrate("--plan", plan, "--from", "1", "--to", "9");
    expect(code).toBe(1);
    expect(out).toContain(`Known versions: ${plan}-monthly 1, ${plan}-monthly 2.`);
  });
});
