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
  dataDirectory = await mkdtemp(path.join(tmpdir(), "qiflow-replay-"));
  const secrets = { stripeSecretKey: SECRET_KEY };
  await writeFile(path.join(dataDirectory, "secrets.json"), JSON.stringify(secrets));
  claim = await claimCheckout(dataDirectory);
});
afterEach(() => fixture.expectBalanced());
afterAll(async () => {
  if (claim.granted) claim.release();
  await rm(dataDirectory, { recursive: true });
  await fixture.close();
});

/** Runs the command as `npm run replay -- …` does and returns its output and exit code. */
function replay(...args: string[]): Promise<{ code: number; out: string; err: string }> {
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
  const command = ["--import", "tsx", "dev/replay.ts", ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

/** A purchase whose event is dead because it has the shape of another API version. */
async function buyDead(): Promise<{ userId: string; eventId: string }> {
  const userId = await fixture.signUp();
  await fixture.control.setDeliveryMode("drop");
  await fixture.buy(userId, "pack-basic");
  await fixture.control.setDeliveryMode("normal");
  const [event] = fixture.control.listEvents("checkout.session.completed").slice(-1);
  if (event === undefined) throw new Error("nothing was bought");
  await fixture.deliver({ ...event, api_version: "2020-08-27" });
  expect(await fixture.event(event.id)).toMatchObject({ status: "dead" });
  return { userId, eventId: event.id };
}

const audited = () => fixture.database.ownerSql<
  { actor_id: string; action: string; after: unknown }[]
>`
  select actor_id, action, coalesce(facts, after) as after
  from audit_log left join audit_result on audit_id = audit_log.id order by created_at`;

describe("npm run replay", () => {
  it("names the command to run first when no simulator is running", async () => {
    const { code, err } = await replay("evt_any");
    expect(code).toBe(1);
    expect(err).toContain("start `npm run dev` first");
  });

  it("replays one dead event once, audits it, then replays the whole queue", async () => {
    if (!claim.granted) throw new Error("The directory is taken.");
    claim.publish({ appUrl: "http://localhost:3000", simulatorUrl: fixture.simulator.url });
    const one = await buyDead();
    const first = await replay(one.eventId);
    expect(first).toMatchObject({ code: 0, out: `${one.eventId}: handled\n` });
    expect(await fixture.granted(one.userId)).toBe(100);
    expect(await audited()).toEqual([
      { actor_id: "operator", action: "event.replay", after: { status: "handled" } },
    ]);
    const others = [await buyDead(), await buyDead()];
    const all = await replay("--all-dead");
    expect(all).toMatchObject({ code: 0 });
    expect(all.out).toBe("2 replayed: 2 handled, 0 ignored, 0 pending, 0 dead.\n");
    for (const { userId } of others) expect(await fixture.granted(userId)).toBe(100);
    const again = await replay(one.eventId, ...others.map(({ eventId }) => eventId));
    expect(again.code).toBe(0);
    expect(again.out.match(/: handled/g)).toHaveLength(3);
    expect(await fixture.granted(one.userId)).toBe(100);
  });

  it("exits 1 for an unknown event or one that stays dead", async () => {
    expect(await replay("evt_nobody")).toMatchObject({ code: 1 });
    const customer = await fixture.billing.stripe.customers.create({});
    const line_items = [{ price: "price_pack_basic", quantity: 1 }];
    const sessionId = await fixture.openForeignSession({ customer: customer.id, line_items });
    await fixture.control.pay(sessionId);
    const [event] = fixture.control.listEvents("checkout.session.completed").slice(-1);
    const { code, out } = await replay(event?.id ?? "");
    expect({ code, out }).toEqual({ code: 1, out: `${event?.id}: dead\n` });
  });

  it("prints its usage when called without arguments", async () => {
    expect((await replay()).out).toContain("npm run replay -- --all-dead");
  });
});
