import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import type { Receiver } from "./support";
import { checkout, clientOf, startForTest, startReceiver, subscribe } from "./support";

let simulator: Simulator;
let stripe: Stripe;
let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startForTest({ webhookUrl: receiver.url });
  stripe = clientOf(simulator);
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

async function paidIntent(): Promise<string> {
  const session = await checkout(stripe, "price_pack_premium");
  const { session: paid } = await simulator.control.pay(session.id);
  receiver.events.length = 0;
  return paid.payment_intent ?? "";
}

describe("a refund", () => {
  it("adds up with earlier partial refunds on the charge", async () => {
    const payment_intent = await paidIntent();
    const first = await stripe.refunds.create({ payment_intent, amount: 1000 });
    expect(first).toMatchObject({ status: "succeeded", amount: 1000, payment_intent });
    await stripe.refunds.create({ payment_intent });
    await simulator.control.settled();
    expect(receiver.types()).toEqual([
      "refund.created",
      "charge.refunded",
      "charge.refund.updated",
      "refund.created",
      "charge.refunded",
      "charge.refund.updated",
    ]);
    const charges = receiver.events.flatMap((event) =>
      event.type === "charge.refunded" ? [event.data.object] : [],
    );
    expect(charges.map(({ amount_refunded, refunded }) => [amount_refunded, refunded])).toEqual([
      [1000, false],
      [3490, true],
    ]);
    await expect(stripe.refunds.create({ payment_intent })).rejects.toMatchObject({
      code: "charge_already_refunded",
    });
    const { data } = await stripe.refunds.list({ payment_intent });
    expect(data.map(({ amount }) => amount)).toEqual([2490, 1000]);
  });

  it("cannot exceed the remaining amount", async () => {
    const payment_intent = await paidIntent();
    await expect(stripe.refunds.create({ payment_intent, amount: 3491 })).rejects.toMatchObject({
      param: "amount",
    });
  });

  it("no longer counts after it fails", async () => {
    const refund = await simulator.control.refund(await paidIntent());
    await simulator.control.failRefund(refund.id);
    expect(receiver.types().slice(3)).toEqual([
      "refund.updated",
      "charge.refund.updated",
      "refund.failed",
      "charge.updated",
    ]);
    const charge = await stripe.charges.retrieve(refund.charge ?? "");
    expect(charge).toMatchObject({ amount_refunded: 0, refunded: false });
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe("failed");
  });

  it("leaves the subscription unchanged when it returns a subscription's payment", async () => {
    const { subscriptionId, invoiceId } = await subscribe(simulator, stripe, "price_pro_yearly");
    const { data } = await stripe.invoicePayments.list({ invoice: invoiceId });
    const intent = data[0]?.payment.payment_intent;
    await simulator.control.refund(typeof intent === "string" ? intent : "");
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("active");
    expect((await stripe.invoices.retrieve(invoiceId)).status).toBe("paid");
  });
});

describe("a dispute", () => {
  it("returns the money when it is won", async () => {
    const dispute = await simulator.control.dispute(await paidIntent());
    await simulator.control.winDispute(dispute.id);
    expect(receiver.types()).toEqual([
      "charge.dispute.created",
      "charge.dispute.funds_withdrawn",
      "charge.dispute.funds_reinstated",
      "charge.dispute.closed",
    ]);
    const won = await stripe.disputes.retrieve(dispute.id, { expand: ["charge"] });
    expect(won).toMatchObject({ status: "won", amount: 3490, charge: { disputed: true } });
    expect(won.balance_transactions.map(({ amount }) => amount)).toEqual([-3490, 3490]);
  });

  it("has the evidence and the balance transactions of a real one", async () => {
    const { id } = await simulator.control.dispute(await paidIntent(), 1000);
    const dispute = await stripe.disputes.retrieve(id);
    expect(dispute).toMatchObject({
      enhanced_eligibility_types: [],
      evidence: { uncategorized_text: null, enhanced_evidence: {} },
      evidence_details: { has_evidence: false, past_due: false, submission_count: 0 },
    });
    expect(dispute.balance_transactions).toMatchObject([
      {
        amount: -1000,
        balance_type: "payments",
        exchange_rate: null,
        fee: 0,
        fee_details: [],
        net: -1000,
        reporting_category: "dispute",
        source: id,
        status: "available",
      },
    ]);
    const [moved] = dispute.balance_transactions;
    expect(moved?.available_on).toBe(moved?.created);
    expect(moved?.description).toContain("Chargeback");
  });

  it("keeps the money with the customer when it is lost", async () => {
    const dispute = await simulator.control.dispute(await paidIntent(), 1000);
    await simulator.control.loseDispute(dispute.id);
    expect(receiver.types().slice(2)).toEqual(["charge.dispute.closed"]);
    expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({
      status: "lost",
      amount: 1000,
    });
    await expect(simulator.control.winDispute(dispute.id)).rejects.toThrow("already lost");
  });

  it("prevents a refund while it is open and after it is lost", async () => {
    const payment_intent = await paidIntent();
    const { id } = await simulator.control.dispute(payment_intent, 1000);
    const refund = () => stripe.refunds.create({ payment_intent });
    await expect(refund()).rejects.toMatchObject({ code: "charge_disputed" });
    await simulator.control.loseDispute(id);
    await expect(refund()).rejects.toMatchObject({ code: "charge_disputed" });
  });

  it("does not prevent a refund after it is won", async () => {
    const payment_intent = await paidIntent();
    const { id } = await simulator.control.dispute(payment_intent);
    await simulator.control.winDispute(id);
    expect(await stripe.refunds.create({ payment_intent })).toMatchObject({ amount: 3490 });
  });
});
