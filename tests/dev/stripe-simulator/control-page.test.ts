import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../../../dev/stripe-simulator/start-simulator";
import { checkout, clientOf, startForTest, subscribe } from "./support";

let simulator: Simulator;
let stripe: Stripe;

beforeEach(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
});
afterEach(() => simulator.close());

const read = async () => (await fetch(simulator.url)).text();

async function press(fields: Record<string, string>): Promise<number> {
  const body = new URLSearchParams(fields);
  return (await fetch(simulator.url, { method: "POST", body, redirect: "manual" })).status;
}

describe("the control page", () => {
  it("offers for every object what can happen to it", async () => {
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

  it("lets a debit arrive, and refunds and disputes the charge", async () => {
    const session = await checkout(stripe, "price_lifetime");
    await simulator.control.pay(session.id, { how: "later" });
    await press({ action: "settle", id: session.id });
    const [charge] = (await stripe.charges.list()).data;
    const id = charge?.id ?? "";
    await press({ action: "refund", id, amount: "900" });
    await press({ action: "dispute", id });
    const [dispute] = (await stripe.disputes.list({ charge: id })).data;
    expect(dispute).toMatchObject({ amount: 19_000, status: "needs_response" });
    expect(await read()).toContain(`data-testid="win-${dispute?.id}"`);
    await press({ action: "lose", id: dispute?.id ?? "" });
    expect((await stripe.charges.retrieve(id)).amount_refunded).toBe(900);
    expect((await stripe.disputes.retrieve(dispute?.id ?? "")).status).toBe("lost");
  });

  it("advances the clock, declines and misdelivers", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    await press({ action: "fail-next", id: customer.id });
    await press({ action: "advance", stride: "month" });
    await press({ action: "advance", stride: "hour" });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("past_due");
    await press({ action: "mode", mode: "drop" });
    expect(await read()).toContain('<option value="drop" selected>');
    await press({ action: "cancel", id: subscriptionId });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("canceled");
    expect(simulator.control.deliveries().at(-1)?.outcome).toBe("dropped");
  });

  it("says what can't be done", async () => {
    expect(await press({ action: "explode" })).toBe(400);
    expect(await press({ action: "refund", id: "ch_none" })).toBe(400);
    expect((await fetch(`${simulator.url}/pay/cs_none`)).status).toBe(404);
    expect((await fetch(`${simulator.url}/elsewhere`)).status).toBe(404);
  });

  it("says so when the app does not move its clock, and tells it all the next time", async () => {
    let fails = true;
    const told: number[] = [];
    const own = await startForTest({
      onClockMoved: async (offsetMs) => {
        if (fails) {
          throw new Error("it is away");
        }
        told.push(offsetMs);
      },
    });
    const body = new URLSearchParams({ action: "advance", stride: "day" });
    const answer = await fetch(own.url, { method: "POST", body });
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain("The app did not move its clock: it is away");
    fails = false;
    await own.control.advanceClock({ days: 1 });
    expect(told.at(-1)).toBeGreaterThanOrEqual(2 * 86_400_000);
    await own.close();
  });
});
