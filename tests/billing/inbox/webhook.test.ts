import { createHmac } from "node:crypto";
import Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { replayEvent } from "@/billing/inbox/retry-events";
import { listSubscriptions } from "@/billing/queries";
import { createStripe } from "@/integrations/create-stripe";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const webhooks = createStripe({ secretKey: "sk_test_signing" }).webhooks;
const sign = (payload: string, options: { secret?: string; ageSeconds?: number } = {}) =>
  webhooks.generateTestHeaderString({
    payload,
    secret: options.secret ?? fixture.billing.webhookSecret,
    timestamp: Math.floor(Date.now() / 1000) - (options.ageSeconds ?? 0),
  });

/** The signature of any text, which need not begin with a timestamp. */
const signatureOf = (signed: string) =>
  createHmac("sha256", fixture.billing.webhookSecret).update(signed).digest("hex");

/** An event that no handler exists for, to test the delivery alone. */
function makeEvent(id: string, changes: object = {}): string {
  return JSON.stringify({
    id,
    object: "event",
    api_version: "2026-10-28.endive",
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type: "balance.available",
    data: { object: { object: "balance" } },
    ...changes,
  });
}

const post = (body: string, signature: string) =>
  fixture.post(body, { "stripe-signature": signature });

describe("handleStripeWebhook", () => {
  it("accepts our signature", async () => {
    const body = makeEvent("evt_good");
    expect((await post(body, sign(body))).status).toBe(200);
    expect(await fixture.event("evt_good")).toMatchObject({ status: "ignored" });
  });

  it.each([
    ["another secret's", (body: string) => sign(body, { secret: "whsec_other" })],
    ["an old", (body: string) => sign(body, { ageSeconds: 301 })],
    ["a future", (body: string) => sign(body, { ageSeconds: -310 })],
    ["a mangled", () => "t=now,v1=zz"],
    ["an undated", (body: string) => `t=soon,v1=${signatureOf(`NaN.${body}`)}`],
    ["a twice dated", (body: string) => `${sign(body)},t=soon,v1=${signatureOf(`NaN.${body}`)}`],
    ["an empty", () => ""],
    ["another body's", () => sign(makeEvent("evt_elsewhere"))],
  ])("returns 400 for %s signature before any database work", async (_name, header) => {
    const body = makeEvent("evt_bad");
    expect((await post(body, header(body))).status).toBe(400);
    expect(await fixture.event("evt_bad")).toBeUndefined();
  });

  it("returns 400 without a signature", async () => {
    expect((await fixture.post(makeEvent("evt_bare"), {})).status).toBe(400);
  });

  it("accepts a signature that is 299 seconds old", async () => {
    const body = makeEvent("evt_slow");
    expect((await post(body, sign(body, { ageSeconds: 299 }))).status).toBe(200);
  });

  it("accepts one matching signature of two while the secret is rotated", async () => {
    const body = makeEvent("evt_rotated");
    const old = sign(body, { secret: "whsec_old" });
    const both = `${old},v1=${sign(body).split("v1=")[1]}`;
    expect((await post(body, both)).status).toBe(200);
  });

  it("returns 400 for every signature while no secret is set", async () => {
    const body = makeEvent("evt_nosecret");
    const headers = { "stripe-signature": sign(body, { secret: " " }) };
    const request = new Request("http://localhost/", { method: "POST", body, headers });
    const unset = { ...fixture.billing, webhookSecret: "" };
    expect((await handleStripeWebhook(unset, request)).status).toBe(400);
  });

  it("returns 413 for a body over 1 MB, declared or streamed", async () => {
    const body = makeEvent("evt_big", { padding: "x".repeat(3 * 1024 * 1024) });
    expect((await post(body, sign(body))).status).toBe(413);
    const streamed: RequestInit & { duplex: "half" } = {
      method: "POST",
      body: new Blob([body]).stream(),
      headers: { "stripe-signature": sign(body) },
      duplex: "half",
    };
    const request = new Request("http://localhost/", streamed);
    expect((await handleStripeWebhook(fixture.billing, request)).status).toBe(413);
  });

  it.each([
    ["not JSON", "this is not JSON"],
    ["JSON but not an event", JSON.stringify({ id: "evt_x", object: "charge" })],
    ["a thin event", JSON.stringify({ id: "evt_x", object: "v2.core.event", type: "v1.a" })],
    ["empty", ""],
  ])("returns 400 for a body that is %s", async (_name, body) => {
    expect((await post(body, sign(body || " "))).status).toBe(400);
  });

  it("returns 405 for another method", async () => {
    const request = new Request("http://localhost/", { method: "GET" });
    const response = await handleStripeWebhook(fixture.billing, request);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  it.each([
    ["from live mode", { livemode: true }],
    ["of a connected account", { account: "acct_1" }],
    ["of a type without a handler", { type: "radar.early_fraud_warning.created" }],
  ])("returns 200 and ignores an event %s", async (name, changes) => {
    const id = `evt_ignored_${name.length}`;
    const about = { type: "checkout.session.completed", data: { object: { id: "cs_test_x" } } };
    const body = makeEvent(id, { ...about, ...changes });
    expect((await post(body, sign(body))).status).toBe(200);
    expect(await fixture.event(id)).toMatchObject({ status: "ignored", attempts: 0 });
  });

  it("ignores an object that neither Stripe nor our database knows", async () => {
    const object = { id: "cs_test_unknown", customer: "cus_unknown" };
    const body = makeEvent("evt_unknown", { type: "checkout.session.completed", data: { object } });
    expect((await post(body, sign(body))).status).toBe(200);
    expect(await fixture.event("evt_unknown")).toMatchObject({ status: "ignored" });
  });

  it("dead-letters an event of an old API version, which can be replayed", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    await fixture.buy(userId, "pack-basic");
    fixture.isUp = true;
    const [event] = fixture.control.listEvents("checkout.session.completed").slice(-1);
    if (event === undefined) throw new Error("nothing was bought");
    const response = await fixture.deliver({ ...event, api_version: "2020-08-27" });
    expect(response.status).toBe(200);
    expect(await fixture.event(event.id)).toMatchObject({ status: "dead" });
    expect(await fixture.granted(userId)).toBe(0);
    expect(await replayEvent(fixture.billing, event.id)).toBe("handled");
    expect(await fixture.granted(userId)).toBe(100);
  });
});

describe("a payload in the shape of an old API version", () => {
  const OLD = "2024-06-20";

  /** Events with the fields of an old version that the pinned version moved or removed. */
  async function makeOldEvents() {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    fixture.isUp = true;
    const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    const [item] = state.items.data;
    const { current_period_start, current_period_end } = item ?? {};
    const invoice = fixture.control.listEvents("invoice.paid").at(-1)?.data.object;
    const { parent: _parent, lines: _lines, ...older } = { parent: null, lines: null, ...invoice };
    const shape = (id: string, type: string, object: object) =>
      makeEvent(`evt_${id}_${userId}`, { type, api_version: OLD, data: { object } });
    return {
      userId,
      bodies: [
        shape("sub", "customer.subscription.updated", {
          id: subscriptionId,
          object: "subscription",
          customer: state.customer,
          status: "active",
          current_period_start,
          current_period_end,
        }),
        shape("inv", "invoice.paid", {
          ...older,
          subscription: subscriptionId,
          paid: true,
          charge: "ch_old",
          payment_intent: "pi_old",
        }),
      ],
    };
  }

  it("is dead-lettered with an alert and never partly read", async () => {
    const { userId, bodies } = await makeOldEvents();
    for (const body of bodies) expect((await post(body, sign(body))).status).toBe(200);
    const ids = [`evt_sub_${userId}`, `evt_inv_${userId}`];
    for (const id of ids) {
      const { status, attempts, outcome } = (await fixture.event(id)) ?? {};
      expect([status, attempts]).toEqual(["dead", 0]);
      expect(outcome).toContain(OLD);
    }
    for (const id of ids) expect(await fixture.alerts(`stripe-event:${id}`)).toHaveLength(1);
    expect(await fixture.payments(userId)).toEqual([]);
    expect(await listSubscriptions(fixture.db, { userId })).toEqual([]);
    for (const id of ids) expect(await replayEvent(fixture.billing, id)).toBe("handled");
    expect(await fixture.granted(userId)).toBe(1000);
  });
});

describe("the Stripe SDK", () => {
  it("is pinned to the API version that this code is written for", () => {
    expect(Stripe.API_VERSION).toBe("2026-10-28.endive");
  });
});
