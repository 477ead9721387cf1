import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import { clientOf, startForTest, subscribe } from "./support";

let simulator: Simulator;
let stripe: Stripe;

beforeEach(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
});
afterEach(() => simulator.close());

type Flow = Stripe.BillingPortal.SessionCreateParams.FlowData;

const AFTER = "http://localhost:3000/billing?done=yes";
const after_completion = { type: "redirect", redirect: { return_url: AFTER } } as const;

/** Opens a flow. `confirm` presses its button and returns where it leads. */
async function openFlow(customer: string, flow: Omit<Flow, "after_completion">) {
  const portal = await stripe.billingPortal.sessions.create({
    customer,
    return_url: "http://localhost:3000/billing",
    flow_data: { ...flow, after_completion },
  });
  return {
    portal,
    read: async () => (await fetch(portal.url)).text(),
    confirm: async () => {
      const response = await fetch(portal.url, { method: "POST", redirect: "manual" });
      return response.headers.get("location");
    },
  };
}

const cancelFlow = (subscription: string) => {
  return { type: "subscription_cancel", subscription_cancel: { subscription } } as const;
};

async function updateFlow(subscriptionId: string, price: string) {
  const { items } = await stripe.subscriptions.retrieve(subscriptionId);
  const type = "subscription_update_confirm" as const;
  const changed = [{ id: items.data[0]?.id ?? "", price }];
  return { type, subscription_update_confirm: { subscription: subscriptionId, items: changed } };
}

describe("a portal flow", () => {
  it("cancels at the period's end and returns to the app", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const flow = await openFlow(customer.id, cancelFlow(subscriptionId));
    expect(flow.portal.flow).toMatchObject({
      type: "subscription_cancel",
      after_completion: { type: "redirect", redirect: { return_url: AFTER } },
      subscription_cancel: { subscription: subscriptionId },
    });
    expect(await flow.read()).toContain('data-testid="confirm"');
    expect((await stripe.subscriptions.retrieve(subscriptionId)).cancel_at).toBeNull();
    expect(await flow.confirm()).toBe(AFTER);
    const cancelled = await stripe.subscriptions.retrieve(subscriptionId);
    expect(cancelled.cancel_at).toBe(cancelled.items.data[0]?.current_period_end);
    expect(cancelled.cancel_at_period_end).toBe(false);
  });

  it("shows and charges the amount of a switch that the API previews", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    await simulator.control.advanceClock({ days: 10 });
    const flowData = await updateFlow(subscriptionId, "price_pro_yearly");
    const preview = await stripe.invoices.createPreview({
      subscription: subscriptionId,
      subscription_details: {
        items: flowData.subscription_update_confirm.items,
        proration_behavior: "always_invoice",
      },
    });
    const flow = await openFlow(customer.id, flowData);
    const shown = (preview.amount_due / 100).toFixed(2);
    expect(await flow.read()).toContain(shown);
    expect(await flow.confirm()).toBe(AFTER);
    const [invoice] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    expect(Math.abs((invoice?.amount_paid ?? 0) - preview.amount_due)).toBeLessThanOrEqual(1);
    const switched = await stripe.subscriptions.retrieve(subscriptionId);
    expect(switched.items.data[0]?.price.id).toBe("price_pro_yearly");
  });

  it("schedules a switch to a shorter interval for the period's end", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_yearly");
    const flow = await openFlow(customer.id, await updateFlow(subscriptionId, "price_pro_monthly"));
    expect(await flow.confirm()).toBe(AFTER);
    const planned = await stripe.subscriptions.retrieve(subscriptionId);
    expect(planned.items.data[0]?.price.id).toBe("price_pro_yearly");
    expect(planned.schedule).toMatch(/^sub_sched_/);
  });

  it("replaces a card that is declined", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    simulator.control.failNextPayment(subscriptionId, 5);
    await simulator.control.advanceClock({ months: 1, days: 1 });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("past_due");
    const flow = await openFlow(customer.id, { type: "payment_method_update" });
    expect(await flow.confirm()).toBe(AFTER);
    await simulator.control.advanceClock({ days: 3 });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("active");
  });

  it("is refused when Stripe would refuse it", async () => {
    const mine = await subscribe(simulator, stripe, "price_pro_monthly");
    const other = await subscribe(simulator, stripe, "price_pro_monthly");
    const id = mine.subscriptionId;
    const open = (flow: Omit<Flow, "after_completion">) => openFlow(mine.customer.id, flow);
    await expect(open(cancelFlow(other.subscriptionId))).rejects.toThrow(/does not belong/);
    await expect(open(cancelFlow("sub_none"))).rejects.toThrow(/No such subscription/);
    await expect(open({ type: "subscription_cancel" })).rejects.toThrow(/Missing required param/);
    await expect(open(await updateFlow(id, "price_pro_monthly"))).rejects.toThrow(/no changes/);
    await expect(open(await updateFlow(id, "price_none"))).rejects.toThrow(/No such price/);
    const { id: unlisted } = await stripe.prices.create({
      product: "prod_pro",
      currency: "usd",
      unit_amount: 1990,
      recurring: { interval: "month" },
    });
    await expect(open(await updateFlow(id, unlisted))).rejects.toThrow(/must be included/);

    const cancel = await open(cancelFlow(id));
    await cancel.confirm();
    await expect(open(cancelFlow(id))).rejects.toThrow(/already set to be canceled/);
    await expect(open(await updateFlow(id, "price_pro_yearly"))).rejects.toThrow(/scheduled/);
    expect((await fetch(cancel.portal.url, { method: "POST" })).status).toBe(400);

    const { id: bare } = await stripe.billingPortal.configurations.create({
      features: { invoice_history: { enabled: true } },
    });
    const disabled = stripe.billingPortal.sessions.create({
      customer: other.customer.id,
      configuration: bare,
      flow_data: cancelFlow(other.subscriptionId),
    });
    await expect(disabled).rejects.toThrow(/is disabled/);
  });
});

describe("the end of a subscription", () => {
  it("is cleared by an empty cancel_at, which excludes cancel_at_period_end", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    await (await openFlow(customer.id, cancelFlow(subscriptionId))).confirm();
    const both = { cancel_at: "", cancel_at_period_end: false } as const;
    await expect(stripe.subscriptions.update(subscriptionId, both)).rejects.toThrow(/only specify/);
    const resumed = await stripe.subscriptions.update(subscriptionId, { cancel_at: "" });
    expect(resumed).toMatchObject({ cancel_at: null, cancel_at_period_end: false });
  });
});
