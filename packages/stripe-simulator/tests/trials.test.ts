import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import { checkout, clientOf, startForTest } from "./support";

let simulator: Simulator;
let stripe: Stripe;
beforeEach(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
});
afterEach(() => simulator.close());

const DAY = 86_400;

/** A customer whose subscription begins with a trial. */
async function startTrial(days = 7): Promise<Stripe.Subscription> {
  const { id: customer } = await stripe.customers.create({ email: "lin@example.com" });
  const session = await checkout(stripe, "price_pro_monthly", {
    customer,
    subscription_data: { trial_period_days: days },
  });
  const { session: paid } = await simulator.control.pay(session.id);
  expect(paid).toMatchObject({ payment_status: "no_payment_required", amount_total: 0 });
  return stripe.subscriptions.retrieve(paid.subscription ?? "");
}

const count = (type: Stripe.Event["type"]) => simulator.control.listEvents(type).length;
const paidTotals = () =>
  simulator.control
    .listEvents("invoice.paid")
    .map(({ data }) => ("total" in data.object ? data.object.total : null));

describe("a trial", () => {
  it("announces its end three days before, and converts when it ends", async () => {
    const { id, trial_end } = await startTrial();
    await simulator.control.advanceClock({ days: 3, ms: 86_000_000 });
    expect(count("customer.subscription.trial_will_end")).toBe(0);
    await simulator.control.advanceClock({ ms: 1_000_000 });
    expect(count("customer.subscription.trial_will_end")).toBe(1);
    await simulator.control.advanceClock({ days: 3, ms: 2 * 3_600_000 });
    const converted = await stripe.subscriptions.retrieve(id);
    expect(converted).toMatchObject({ status: "active", trial_end });
    expect(converted.items.data[0]).toMatchObject({ current_period_start: trial_end });
    expect(paidTotals()).toEqual([0, 990]);
    expect(count("customer.subscription.trial_will_end")).toBe(1);
  });

  it("announces its end at once when it is shorter than three days", async () => {
    await startTrial(2);
    expect(count("customer.subscription.trial_will_end")).toBe(1);
    await simulator.control.advanceClock({ days: 1 });
    expect(count("customer.subscription.trial_will_end")).toBe(1);
  });

  it("previews the invoice that its end brings, until it is cancelled", async () => {
    const { id, trial_end } = await startTrial();
    const preview = await stripe.invoices.createPreview({ subscription: id });
    expect(preview).toMatchObject({ status: "draft", total: 990, amount_due: 990 });
    expect(preview.lines.data).toMatchObject([{ amount: 990, period: { start: trial_end } }]);
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await expect(stripe.invoices.createPreview({ subscription: id })).rejects.toMatchObject({
      statusCode: 404,
      code: "invoice_upcoming_none",
    });
  });

  it("ends without an invoice when it is cancelled", async () => {
    const { id } = await startTrial();
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await simulator.control.advanceClock({ days: 8 });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: "canceled" });
    expect(paidTotals()).toEqual([0]);
  });

  it("can be extended, and announces the new end", async () => {
    const { id, trial_end } = await startTrial();
    await simulator.control.advanceClock({ days: 5 });
    const extended = (trial_end ?? 0) + 10 * DAY;
    const moved = await stripe.subscriptions.update(id, { trial_end: extended });
    expect(moved).toMatchObject({ status: "trialing", trial_end: extended });
    await simulator.control.advanceClock({ days: 11 });
    expect(count("customer.subscription.trial_will_end")).toBe(2);
    expect(paidTotals()).toEqual([0]);
  });

  it("charges the first period at once when it is ended", async () => {
    const { id } = await startTrial();
    const ended = await stripe.subscriptions.update(id, { trial_end: "now" });
    expect(ended).toMatchObject({ status: "active", trial_end: ended.billing_cycle_anchor });
    expect(paidTotals()).toEqual([0, 990]);
    await expect(stripe.subscriptions.update(id, { trial_end: 1 })).rejects.toMatchObject({
      param: "trial_end",
    });
  });

  it("continues at another price after a change through the API", async () => {
    const { id, items } = await startTrial();
    const changed = await stripe.subscriptions.update(id, {
      items: [{ id: items.data[0]?.id ?? "", price: "price_pro_yearly" }],
      proration_behavior: "always_invoice",
    });
    expect(changed).toMatchObject({ status: "trialing" });
    await simulator.control.advanceClock({ days: 7, ms: 2 * 3_600_000 });
    expect(paidTotals()).toEqual([0, 9900]);
  });

  it("is ended by a switch in the portal, which credits nothing", async () => {
    const { id } = await startTrial();
    await simulator.control.switchPlan(id, "price_pro_yearly");
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: "active" });
    expect(paidTotals()).toEqual([0, 9900]);
  });
});
