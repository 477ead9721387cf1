import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import type { Receiver } from "./support";
import { checkout, clientOf, startForTest, startReceiver } from "./support";

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

/** An invoice of 990 cents, 500 of which the customer's balance paid. */
async function paidInvoice() {
  const { id: customer } = await stripe.customers.create({ email: "lin@example.com" });
  const session = await checkout(stripe, "price_pro_monthly", { customer });
  await stripe.customers.update(customer, { balance: -500 });
  const { session: paid } = await simulator.control.pay(session.id);
  await simulator.control.settled();
  receiver.events.length = 0;
  return { customer, invoice: paid.invoice ?? "" };
}

describe("a credit note", () => {
  it("refunds the card, credits the balance and is listed with its parts", async () => {
    const { customer, invoice } = await paidInvoice();
    const note = await stripe.creditNotes.create({
      invoice,
      amount: 990,
      refund_amount: 490,
      credit_amount: 500,
      reason: "duplicate",
    });
    await simulator.control.settled();
    expect(receiver.types()).toEqual([
      "refund.created",
      "charge.refunded",
      "charge.refund.updated",
      "customer.updated",
      "credit_note.created",
    ]);
    expect(note).toMatchObject({ status: "issued", type: "post_payment", amount: 990 });
    const [link] = note.refunds;
    const refund = await stripe.refunds.retrieve(String(link?.refund));
    expect(refund).toMatchObject({ amount: 490, status: "succeeded" });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -500 });
    const { data } = await stripe.customers.listBalanceTransactions(customer);
    expect(data.map(({ type, amount, ending_balance }) => [type, amount, ending_balance])).toEqual([
      ["credit_note", -500, -500],
      ["applied_to_invoice", 500, 0],
      ["adjustment", -500, -500],
    ]);
    expect(data[0]).toMatchObject({ id: note.customer_balance_transaction, credit_note: note.id });
    expect(await stripe.invoices.retrieve(invoice)).toMatchObject({
      status: "paid",
      post_payment_credit_notes_amount: 990,
    });
    expect((await stripe.creditNotes.list({ invoice })).data).toEqual([
      await stripe.creditNotes.retrieve(note.id),
    ]);
  });

  it("links refunds that exist already", async () => {
    const { invoice } = await paidInvoice();
    const { data } = await stripe.invoicePayments.list({ invoice });
    const payment_intent = String(data[0]?.payment.payment_intent);
    const refund = await stripe.refunds.create({ payment_intent });
    const refunds = [{ refund: refund.id, amount_refunded: 490 }];
    const note = await stripe.creditNotes.create({ invoice, amount: 490, refunds });
    expect(note.refunds).toMatchObject([{ refund: refund.id, amount_refunded: 490 }]);
    await expect(
      stripe.creditNotes.create({ invoice, amount: 490, refunds }),
    ).rejects.toMatchObject({ param: "refunds" });
  });

  it.each([
    ["more than the invoice", { amount: 991, credit_amount: 991 }, "left to credit (990)"],
    ["parts that do not add up", { amount: 990, credit_amount: 500 }, "must equal"],
    ["more than the charge", { amount: 600, refund_amount: 600 }, "unrefunded amount"],
  ])("is refused with %s and changes nothing", async (_what, params, message) => {
    const { customer, invoice } = await paidInvoice();
    await expect(stripe.creditNotes.create({ invoice, ...params })).rejects.toThrow(message);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: 0 });
    expect((await stripe.creditNotes.list({ invoice })).data).toEqual([]);
  });

  it("cannot return again what a refund has returned", async () => {
    const { invoice } = await paidInvoice();
    const { data } = await stripe.invoicePayments.list({ invoice });
    await stripe.refunds.create({ payment_intent: String(data[0]?.payment.payment_intent) });
    const all = stripe.creditNotes.create({ invoice, amount: 990, credit_amount: 990 });
    await expect(all).rejects.toThrow("left to credit (500)");
  });
});
