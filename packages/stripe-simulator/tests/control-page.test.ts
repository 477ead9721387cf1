import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import type { Receiver } from "./support";
import { checkout, clientOf, startForTest, startReceiver, subscribe } from "./support";

let simulator: Simulator;
let stripe: Stripe;

beforeEach(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
});
afterEach(() => simulator.close());

const read = async () => (await fetch(simulator.url)).text();

async function submit(fields: Record<string, string>): Promise<number> {
  const body = new URLSearchParams(fields);
  return (await fetch(simulator.url, { method: "POST", body, redirect: "manual" })).status;
}

describe("the control page", () => {
  it("offers the possible actions for every object", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const later = await checkout(stripe, "price_lifetime");
    await simulator.control.pay(later.id, { how: "later" });
    const page = await read();
    for (const testId of [
      "advance-month",
      "set-mode",
      `fail-next-${customer.id}`,
      `cancel-${subscriptionId}`,
      `settle-${later.id}`,
      `settle-fail-${later.id}`,
    ]) {
      expect(page).toContain(`data-testid="${testId}"`);
    }
  });

  it("settles a debit, then refunds and disputes the charge", async () => {
    const session = await checkout(stripe, "price_lifetime");
    await simulator.control.pay(session.id, { how: "later" });
    await submit({ action: "settle", id: session.id });
    const { payment_intent } = await stripe.checkout.sessions.retrieve(session.id);
    const paid = await stripe.paymentIntents.retrieve(String(payment_intent));
    const id = String(paid.latest_charge);
    await submit({ action: "refund", id, amount: "900" });
    await submit({ action: "dispute", id });
    const [dispute] = (await stripe.disputes.list({ payment_intent: paid.id })).data;
    expect(dispute).toMatchObject({ amount: 19_000, status: "needs_response" });
    expect(await read()).toContain(`data-testid="win-${dispute?.id}"`);
    await submit({ action: "lose", id: dispute?.id ?? "" });
    expect((await stripe.charges.retrieve(id)).amount_refunded).toBe(900);
    expect((await stripe.disputes.retrieve(dispute?.id ?? "")).status).toBe("lost");
  });

  it("advances the clock, declines payments and changes the delivery mode", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    await submit({ action: "fail-next", id: customer.id });
    await submit({ action: "advance", stride: "month" });
    await submit({ action: "advance", stride: "hour" });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("past_due");
    await submit({ action: "mode", mode: "drop" });
    expect(await read()).toContain('<option value="drop" selected>');
    await submit({ action: "cancel", id: subscriptionId });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("canceled");
    expect(simulator.control.deliveries().at(-1)?.outcome).toBe("dropped");
  });

  it("lists disputes and wins one", async () => {
    const session = await checkout(stripe, "price_pack_basic");
    const { session: paid } = await simulator.control.pay(session.id);
    const { id } = await simulator.control.dispute(paid.payment_intent ?? "");
    const listed = await read();
    expect(listed).toContain(`<code>${id}</code>`);
    expect(listed).toContain(`data-testid="lose-${id}"`);
    expect(await submit({ action: "win", id })).toBe(303);
    expect((await stripe.disputes.retrieve(id)).status).toBe("won");
    const after = await read();
    expect(after).toContain(`<code>${id}</code>`);
    expect(after).not.toContain(`data-testid="win-${id}"`);
    expect(await submit({ action: "win", id })).toBe(400);
  });

  it("fails a debit and a refund", async () => {
    const session = await checkout(stripe, "price_lifetime");
    await simulator.control.pay(session.id, { how: "later" });
    expect(await submit({ action: "settle-fail", id: session.id })).toBe(303);
    const failed = await stripe.checkout.sessions.retrieve(session.id);
    expect(failed.payment_status).toBe("unpaid");
    expect(await read()).not.toContain(`data-testid="settle-${session.id}"`);
    const pack = await checkout(stripe, "price_pack_basic");
    const { session: paid } = await simulator.control.pay(pack.id);
    const refund = await simulator.control.refund(paid.payment_intent ?? "");
    expect(await read()).toContain(`data-testid="fail-refund-${refund.id}"`);
    expect(await submit({ action: "fail-refund", id: refund.id })).toBe(303);
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe("failed");
  });

  it("advances by a year, with the renewals on the way", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_yearly");
    const before = simulator.control.now();
    await submit({ action: "advance", stride: "year" });
    await submit({ action: "advance", stride: "hour" });
    await submit({ action: "advance", stride: "hour" });
    const passedMs = simulator.control.now().getTime() - before.getTime();
    expect(passedMs).toBeGreaterThanOrEqual(365 * 86_400_000);
    expect((await stripe.invoices.list({ subscription: subscriptionId })).data).toHaveLength(2);
  });

  describe("with an endpoint", () => {
    let receiver: Receiver;
    beforeEach(async () => {
      receiver = await startReceiver();
      simulator.control.setWebhookUrl(receiver.url);
    });
    afterEach(() => receiver.close());

    const mode = (name: string) => submit({ action: "mode", mode: name });
    const arrived = async () => {
      const { id } = await stripe.customers.create({});
      await simulator.control.settled();
      return receiver.events.filter(({ data }) => "id" in data.object && data.object.id === id);
    };

    it("delivers once, twice, in random order, later, never, and again on request", async () => {
      expect(await arrived()).toHaveLength(1);
      await mode("duplicate");
      expect(await arrived()).toHaveLength(2);
      await mode("shuffle");
      expect(await arrived()).toHaveLength(1);
      await mode("delay");
      expect(await arrived()).toHaveLength(0);
      const received = receiver.events.length;
      await mode("normal");
      expect(receiver.events).toHaveLength(received + 1);
      await mode("drop");
      expect(await arrived()).toHaveLength(0);
      await mode("normal");
      const lost = simulator.control.listEvents().at(-1);
      expect(await read()).toContain(`data-testid="redeliver-${lost?.id}"`);
      await submit({ action: "redeliver", id: lost?.id ?? "" });
      expect(receiver.events.at(-1)?.id).toBe(lost?.id);
      expect(await read()).toMatch(/delivered 200/);
    });
  });

  it("explains why an action is not possible", async () => {
    expect(await submit({ action: "explode" })).toBe(400);
    expect(await submit({ action: "refund", id: "ch_none" })).toBe(400);
    expect((await fetch(`${simulator.url}/pay/cs_none`)).status).toBe(404);
    expect((await fetch(`${simulator.url}/elsewhere`)).status).toBe(404);
  });

  it("reports that the app's clock did not move and sends the whole offset next time", async () => {
    let fails = true;
    const received: number[] = [];
    const own = await startForTest({
      onClockMoved: async (offsetMs) => {
        if (fails) {
          throw new Error("it is away");
        }
        received.push(offsetMs);
      },
    });
    const body = new URLSearchParams({ action: "advance", stride: "day" });
    const response = await fetch(own.url, { method: "POST", body });
    expect(response.status).toBe(502);
    expect(await response.text()).toContain("The app did not move its clock: it is away");
    fails = false;
    await own.control.advanceClock({ days: 1 });
    // Real time passes while the clock moves, so two days may be a few milliseconds short.
    expect(own.control.clockOffsetMs).toBeGreaterThan(1.9 * 86_400_000);
    expect(received.at(-1)).toBe(own.control.clockOffsetMs);
    await own.close();
  });
});
