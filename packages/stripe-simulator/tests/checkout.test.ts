import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import type { Receiver } from "./support";
import { checkout, clientOf, pressPay, startForTest, startReceiver } from "./support";

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

describe("a one-time purchase", () => {
  it("is paid by card and sends the browser back", async () => {
    const customer = await stripe.customers.create({ email: "lin@example.com" });
    const session = await checkout(stripe, "price_pack_standard", {
      customer: customer.id,
      client_reference_id: "user_1",
      metadata: { pack: "standard" },
      payment_intent_data: { metadata: { user: "user_1" } },
    });
    expect(session).toMatchObject({ status: "open", payment_status: "unpaid", amount_total: 1490 });
    const response = await pressPay(session, "card");
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe(
      `http://localhost:3000/done?session=${session.id}`,
    );
    await simulator.control.settled();
    expect(receiver.types()).toEqual([
      "customer.created",
      "payment_intent.created",
      "charge.succeeded",
      "payment_intent.succeeded",
      "checkout.session.completed",
    ]);
    const paid = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["payment_intent.latest_charge"],
    });
    expect(paid).toMatchObject({ status: "complete", payment_status: "paid", url: null });
    expect(paid.metadata).toEqual({ pack: "standard" });
    expect(paid.payment_intent).toMatchObject({
      amount_received: 1490,
      metadata: { user: "user_1" },
      latest_charge: { amount: 1490, paid: true, refunded: false },
    });
  });

  it("has an invoice after its payment if the session asks for one", async () => {
    const customer = await stripe.customers.create({ email: "lin@example.com" });
    await stripe.customers.update(customer.id, { balance: -500 });
    const session = await checkout(stripe, "price_pack_standard", {
      customer: customer.id,
      invoice_creation: { enabled: true, invoice_data: { metadata: { user: "user_1" } } },
    });
    expect(session).toMatchObject({
      invoice: null,
      invoice_creation: { enabled: true, invoice_data: { metadata: { user: "user_1" } } },
    });
    await simulator.control.pay(session.id);
    expect(receiver.types().slice(-6)).toEqual([
      "checkout.session.completed",
      "invoice.created",
      "invoice.finalized",
      "invoice.paid",
      "invoice.payment_succeeded",
      "invoice_payment.paid",
    ]);
    const paid = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["invoice.payments"],
    });
    expect(paid.invoice).toMatchObject({
      status: "paid",
      billing_reason: "manual",
      parent: null,
      customer: customer.id,
      metadata: { user: "user_1" },
      number: expect.stringMatching(/-0001$/),
      total: 1490,
      amount_paid: 1490,
      amount_remaining: 0,
      starting_balance: -500,
      ending_balance: -500,
      invoice_pdf: expect.stringContaining("/invoice/in_"),
      lines: {
        data: [
          {
            description: "Standard pack",
            amount: 1490,
            pricing: { price_details: { price: "price_pack_standard" } },
            parent: { invoice_item_details: { subscription: null } },
          },
        ],
      },
      payments: { data: [{ status: "paid", payment: { payment_intent: paid.payment_intent } }] },
    });
    const after = await stripe.customers.retrieve(customer.id);
    expect(after).toMatchObject({ balance: -500 });
  });

  it("has its invoice once a bank debit settles, a free one without a payment, else none", async () => {
    const invoice_creation = { enabled: true };
    const start = async (how: "later" | "coupon") => {
      const session = await checkout(stripe, "price_pack_basic", { invoice_creation });
      await simulator.control.pay(session.id, { how });
      return session.id;
    };
    const invoiceOf = async (id: string) =>
      (await stripe.checkout.sessions.retrieve(id, { expand: ["invoice.payments"] })).invoice;
    const [settled, failed, free] = [
      await start("later"),
      await start("later"),
      await start("coupon"),
    ];
    expect(await invoiceOf(settled)).toBeNull();
    await simulator.control.settleDelayedPayment(settled, "succeed");
    await simulator.control.settleDelayedPayment(failed, "fail");
    expect(await invoiceOf(settled)).toMatchObject({ status: "paid", amount_paid: 990 });
    expect(await invoiceOf(failed)).toBeNull();
    expect(await invoiceOf(free)).toMatchObject({
      status: "paid",
      total: 0,
      payments: { data: [] },
    });
    const unasked = await checkout(stripe, "price_pack_basic");
    await simulator.control.pay(unasked.id);
    expect(await invoiceOf(unasked.id)).toBeNull();
  });

  it("multiplies the amount by the quantity", async () => {
    const line_items = [{ price: "price_pack_basic", quantity: 3 }];
    const session = await checkout(stripe, "price_pack_basic", { line_items });
    expect(session.amount_total).toBe(2970);
  });

  it("stays open after a declined card and can still be paid", async () => {
    const session = await checkout(stripe, "price_pack_basic");
    const page = await pressPay(session, "decline");
    expect(page.status).toBe(402);
    expect(await page.text()).toContain("Your card was declined");
    expect((await pressPay(session, "card")).status).toBe(303);
    await simulator.control.settled();
    expect(receiver.types()).toEqual([
      "payment_intent.created",
      "charge.failed",
      "payment_intent.payment_failed",
      "charge.succeeded",
      "payment_intent.succeeded",
      "checkout.session.completed",
    ]);
    expect((await pressPay(session, "card")).status).toBe(410);
  });

  it.each(["alipay", "wechat_pay"])("can be paid with %s", async (how) => {
    const session = await checkout(stripe, "price_pack_basic");
    await pressPay(session, how);
    const paid = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["payment_intent.latest_charge"],
    });
    const charge = { payment_method_details: { type: how } };
    expect(paid.payment_intent).toMatchObject({ latest_charge: charge });
  });

  it("completes unpaid when a bank debit settles later", async () => {
    const session = await checkout(stripe, "price_lifetime");
    await pressPay(session, "later");
    const unpaid = await stripe.checkout.sessions.retrieve(session.id);
    expect(unpaid).toMatchObject({ status: "complete", payment_status: "unpaid" });
    await simulator.control.settleDelayedPayment(session.id, "succeed");
    expect(receiver.types().slice(-3)).toEqual([
      "charge.succeeded",
      "payment_intent.succeeded",
      "checkout.session.async_payment_succeeded",
    ]);
    const paid = await stripe.checkout.sessions.retrieve(session.id);
    expect(paid.payment_status).toBe("paid");
  });

  it("stays unpaid when the bank debit fails", async () => {
    const session = await checkout(stripe, "price_lifetime");
    await pressPay(session, "later");
    await simulator.control.settleDelayedPayment(session.id, "fail");
    expect(receiver.types().at(-1)).toBe("checkout.session.async_payment_failed");
    const failed = await stripe.checkout.sessions.retrieve(session.id);
    expect(failed.payment_status).toBe("unpaid");
    await expect(simulator.control.settleDelayedPayment(session.id, "succeed")).rejects.toThrow(
      "no debit is pending",
    );
  });

  it("needs no payment with a coupon for 100%", async () => {
    const session = await checkout(stripe, "price_pack_basic");
    await pressPay(session, "coupon");
    const free = await stripe.checkout.sessions.retrieve(session.id);
    expect(free).toMatchObject({
      payment_status: "no_payment_required",
      payment_intent: null,
      amount_total: 0,
      total_details: { amount_discount: 990 },
    });
  });

  it("expires on request and automatically after a day", async () => {
    const withdrawn = await checkout(stripe, "price_pack_basic");
    await stripe.checkout.sessions.expire(withdrawn.id);
    await expect(stripe.checkout.sessions.expire(withdrawn.id)).rejects.toThrow(
      "status of expired",
    );
    const abandoned = await checkout(stripe, "price_pack_basic");
    await simulator.control.advanceClock({ days: 1 });
    expect((await stripe.checkout.sessions.retrieve(abandoned.id)).status).toBe("expired");
    expect(receiver.types()).toEqual(["checkout.session.expired", "checkout.session.expired"]);
  });
});

describe("a subscription", () => {
  it("starts with a paid invoice in the shape of the pinned API version", async () => {
    const customer = await stripe.customers.create({ email: "lin@example.com" });
    const session = await checkout(stripe, "price_pro_monthly", {
      customer: customer.id,
      subscription_data: { metadata: { user: "user_1" } },
    });
    await pressPay(session, "card");
    await simulator.control.settled();
    expect(receiver.types()).toEqual([
      "customer.created",
      "customer.subscription.created",
      "invoice.created",
      "invoice.finalized",
      "payment_intent.created",
      "charge.succeeded",
      "payment_intent.succeeded",
      "customer.subscription.updated",
      "invoice.paid",
      "invoice.payment_succeeded",
      "invoice_payment.paid",
      "checkout.session.completed",
    ]);
    const paid = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["subscription.latest_invoice.payments"],
    });
    const subscription = paid.subscription;
    if (subscription === null || typeof subscription === "string") {
      throw new Error("the subscription was not expanded");
    }
    expect(subscription).toMatchObject({ status: "active", billing_mode: { type: "flexible" } });
    expect(subscription).not.toHaveProperty("current_period_end");
    const item = subscription.items.data[0];
    expect(item?.current_period_end).toBeGreaterThan(item?.current_period_start ?? 0);
    expect(subscription.latest_invoice).toMatchObject({
      billing_reason: "subscription_create",
      status: "paid",
      amount_paid: 990,
      parent: {
        subscription_details: { subscription: subscription.id, metadata: { user: "user_1" } },
      },
      payments: { data: [{ status: "paid", payment: { type: "payment_intent" } }] },
    });
    expect(subscription.latest_invoice).not.toHaveProperty("charge");
    const invoices = await stripe.invoices.list({ subscription: subscription.id });
    const [line] = invoices.data[0]?.lines.data ?? [];
    expect(line).toMatchObject({
      pricing: { price_details: { price: "price_pro_monthly" } },
      parent: { subscription_item_details: { proration: false, subscription: subscription.id } },
      period: { start: item?.current_period_start, end: item?.current_period_end },
    });
    expect(invoices.data[0]).not.toHaveProperty("payments");
  });

  it("finds the invoice of a charge through its payment intent", async () => {
    const session = await checkout(stripe, "price_pro_monthly");
    await pressPay(session, "card");
    const [intent] = (await stripe.paymentIntents.list()).data;
    const { data } = await stripe.invoicePayments.list({
      payment: { type: "payment_intent", payment_intent: intent?.id ?? "" },
    });
    const paid = await stripe.checkout.sessions.retrieve(session.id);
    expect(data.map(({ invoice }) => invoice)).toEqual([paid.invoice]);
    expect(intent).not.toHaveProperty("invoice");
  });

  it("needs no payment with a coupon for 100%, and its invoice is paid", async () => {
    const session = await checkout(stripe, "price_pro_yearly");
    await pressPay(session, "coupon");
    const free = await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice"] });
    expect(free.payment_status).toBe("no_payment_required");
    expect(free.invoice).toMatchObject({
      subtotal: 9900,
      total: 0,
      amount_paid: 0,
      status: "paid",
    });
  });

  it("bills nothing during a trial and the full price afterwards", async () => {
    const session = await checkout(stripe, "price_pro_monthly", {
      subscription_data: { trial_period_days: 7 },
    });
    await simulator.control.pay(session.id);
    const [first] = simulator.control.listEvents("invoice.paid");
    expect(first?.data.object).toMatchObject({
      subtotal: 0,
      billing_reason: "subscription_create",
    });
    const { data: trialing } = await stripe.subscriptions.list({ status: "trialing" });
    expect(trialing).toHaveLength(1);
    await simulator.control.advanceClock({ days: 8 });
    const [, second] = simulator.control.listEvents("invoice.paid");
    expect(second?.data.object).toMatchObject({ total: 990, billing_reason: "subscription_cycle" });
  });

  it("is active while its bank debit is pending", async () => {
    const { session, subscription } = await subscribeByDebit();
    expect(session.payment_status).toBe("unpaid");
    expect(subscription.status).toBe("active");
    expect(receiver.types()).not.toContain("invoice.paid");
    await simulator.control.settleDelayedPayment(session.id, "succeed");
    expect(receiver.types().slice(-4)).toEqual([
      "invoice.paid",
      "invoice.payment_succeeded",
      "invoice_payment.paid",
      "checkout.session.async_payment_succeeded",
    ]);
  });

  it("is past due when its bank debit fails", async () => {
    const { session, subscription } = await subscribeByDebit();
    await simulator.control.settleDelayedPayment(session.id, "fail");
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("past_due");
    expect(receiver.types()).toContain("invoice.payment_failed");
    expect(receiver.types().at(-1)).toBe("checkout.session.async_payment_failed");
  });

  async function subscribeByDebit() {
    const { id } = await checkout(stripe, "price_pro_monthly");
    await simulator.control.pay(id, { how: "later" });
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ["subscription"] });
    if (session.subscription === null || typeof session.subscription === "string") {
      throw new Error("the subscription was not expanded");
    }
    return { session, subscription: session.subscription };
  }

  it("expires after 23 hours when its first payment is incomplete", async () => {
    const session = await checkout(stripe, "price_pro_monthly");
    await simulator.control.pay(session.id, { how: "incomplete" });
    const { data } = await stripe.subscriptions.list({ status: "incomplete" });
    expect(data).toHaveLength(1);
    await simulator.control.advanceClock({ days: 1 });
    const gone = await stripe.subscriptions.retrieve(data[0]?.id ?? "");
    expect(gone.status).toBe("incomplete_expired");
  });
});

describe("the checkout page", () => {
  it("states in both languages that no money moves", async () => {
    const english = await checkout(stripe, "price_pack_basic", { locale: "en" });
    const page = await (await fetch(english.url ?? "")).text();
    expect(page).toContain("Simulated payment — no money moves");
    expect(page).toContain('lang="en"');
    for (const testId of ["pay", "decline", "pay-later", "coupon", "back"]) {
      expect(page).toContain(`data-testid="${testId}"`);
    }
    const chinese = await checkout(stripe, "price_pack_basic", { locale: "zh" });
    const seite = await (await fetch(chinese.url ?? "")).text();
    expect(seite).toContain("模拟支付——不会真的扣款");
    expect(seite).toContain('lang="zh-CN"');
  });

  it("escapes user input", async () => {
    const email = '"><script>x</script>@example.com';
    const customer = await stripe.customers.create({ email });
    const session = await checkout(stripe, "price_pack_basic", { customer: customer.id });
    const page = await (await fetch(session.url ?? "")).text();
    expect(page).not.toContain("<script>x");
    expect(page).toContain("&lt;script&gt;");
  });

  it("rejects a form from another site", async () => {
    const session = await checkout(stripe, "price_pack_basic");
    const response = await fetch(session.url ?? "", {
      method: "POST",
      body: new URLSearchParams({ how: "card" }),
      headers: { origin: "http://evil.example" },
      redirect: "manual",
    });
    expect(response.status).toBe(403);
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe("open");
  });
});
