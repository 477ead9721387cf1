import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clientOf, secretKey, startForTest, subscribe, webhookSecret } from "./support";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stripe-simulator-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a snapshot", () => {
  it("restores customers, subscriptions, events, keys and the clock", async () => {
    const snapshotFile = join(folder, "deep", "stripe.json");
    const first = await startForTest({ snapshotFile });
    const options = { idempotencyKey: "kept" };
    const made = await clientOf(first).customers.create({ email: "k@example.com" }, options);
    const { subscriptionId } = await subscribe(first, clientOf(first), "price_pro_monthly");
    await first.control.advanceClock({ days: 10 });
    await first.close();

    const second = await startForTest({ snapshotFile });
    const stripe = clientOf(second);
    expect(second.control.now().getTime()).toBeGreaterThan(Date.now() + 9.9 * 86_400_000);
    const subscription = await stripe.subscriptions.retrieve(subscriptionId);
    expect(subscription.items.data[0]?.price.unit_amount_decimal?.toString()).toBe("990");
    expect((await stripe.customers.retrieve(made.id)).id).toBe(made.id);
    expect((await stripe.events.list({ types: ["invoice.paid"] })).data).toHaveLength(1);
    await second.control.advanceClock({ days: 22 });
    const { data } = await stripe.invoices.list({ subscription: subscriptionId });
    expect(data.map(({ billing_reason }) => billing_reason)).toEqual([
      "subscription_cycle",
      "subscription_create",
    ]);
    await second.close();
  });

  it("keeps idempotency keys for a day", async () => {
    const snapshotFile = join(folder, "stripe.json");
    const options = { idempotencyKey: "kept" };
    const first = await startForTest({ snapshotFile });
    const made = await clientOf(first).customers.create({ email: "k@example.com" }, options);
    await first.close();
    const second = await startForTest({ snapshotFile });
    const again = await clientOf(second).customers.create({ email: "k@example.com" }, options);
    expect(again.id).toBe(made.id);
    await second.close();
  });
});

describe("the process", () => {
  it("prints its address, moves the app's clock and exits on SIGTERM", async () => {
    const received: { authorization: string | undefined; body: string }[] = [];
    const app = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) {
        body += String(chunk);
      }
      received.push({ authorization: request.headers.authorization, body });
      response.end();
    });
    app.listen(0, "127.0.0.1");
    await once(app, "listening");
    const address = app.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const child = spawn(
      process.execPath,
      ["--import", "tsx", resolve("packages/stripe-simulator/src/main.ts")],
      {
        env: {
          ...process.env,
          STRIPE_SECRET_KEY: secretKey,
          STRIPE_WEBHOOK_SECRET: webhookSecret,
          SIMULATOR_SNAPSHOT: join(folder, "stripe.json"),
          SIMULATOR_CLOCK_URL: `http://127.0.0.1:${port}/clock`,
        },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const [line]: Buffer[] = await once(child.stdout, "data");
    const ready: { url: string } = JSON.parse(String(line));
    expect((await fetch(`${ready.url}/healthz`)).status).toBe(200);
    const page = await fetch(ready.url, {
      method: "POST",
      body: new URLSearchParams({ action: "advance", stride: "day" }),
    });
    expect(await page.text()).toContain("1.0 days ahead");
    expect(received.at(-1)?.authorization).toBe(`Bearer ${webhookSecret}`);
    expect(JSON.parse(received.at(-1)?.body ?? "")).toEqual({
      offsetMs: expect.closeTo(86_400_000, -4),
    });
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
    app.close();
  });
});
