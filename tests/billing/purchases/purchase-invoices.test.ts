import { eq } from "drizzle-orm";
import type Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createCheckout } from "@/billing/checkout/create-checkout";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { documentFilter, listDocuments } from "@/billing/purchases/documents";
import { getMembership } from "@/billing/queries";
import { payment, stripeEvent } from "@/db/schema";
import { now } from "@/lib/clock";
import { BillingFixture, CONSENT } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
  expect(await fixture.alerts("dead-letter")).toEqual([]);
  const dead = fixture.db.select().from(stripeEvent).where(eq(stripeEvent.status, "dead"));
  expect(await dead).toEqual([]);
});
afterAll(() => fixture.close());

/** Buys an item without delivering an event. Returns the session's id and the events about it. */
async function buyUndelivered(userId: string, item: string, how: "card" | "coupon" = "card") {
  const sessionId = await fixture.openCheckout(userId, item);
  await fixture.control.setDeliveryMode("drop");
  await fixture.control.pay(sessionId, { how });
  const completed = fixture.latest("checkout.session.completed");
  const invoicePaid = fixture.latest("invoice.paid");
  const { invoice } = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId);
  return { sessionId, completed, invoicePaid, invoiceId: String(invoice) };
}

/** The same fact under another event id. */
function twinOf(event: Stripe.EventBase): Stripe.EventBase {
  return { ...event, id: `${event.id}_twin` };
}

async function documents(userId: string, q = "") {
  const filter = documentFilter.parse({ q });
  return (await listDocuments(fixture.billing, { userId, locale: "en", filter })).rows;
}

const onlyPayment = async (userId: string) => {
  const [paid, ...others] = await fixture.payments(userId);
  expect(others).toEqual([]);
  return paid ?? expect.fail("no payment");
};

const planOf = async (userId: string) =>
  (await getMembership(fixture.db, { userId, at: now() })).plan;

describe("the invoice of a one-time purchase", () => {
  it.each([
    ["pack-basic", ["completed", "invoicePaid"], "card"],
    ["pack-basic", ["invoicePaid", "completed"], "card"],
    ["lifetime", ["completed", "invoicePaid"], "card"],
    ["lifetime", ["invoicePaid", "completed"], "card"],
    ["pack-basic", ["invoicePaid", "completed"], "coupon"],
  ] as const)(
    "belongs to the one payment of %s when the events arrive as %j, paid by %s",
    async (item, order, how) => {
      const userId = await fixture.signUp();
      const bought = await buyUndelivered(userId, item, how);
      for (const name of order) {
        const event = bought[name];
        for (const delivered of [event, event, twinOf(event)]) {
          expect((await fixture.deliver(delivered)).status).toBe(200);
        }
      }
      const { id, invoiceId } = await onlyPayment(userId);
      expect(id).toBe(`checkout:${bought.sessionId}`);
      expect(invoiceId).toBe(bought.invoiceId);
      const fact = item === "lifetime" ? "allotment" : "pack";
      expect((await fixture.booked(userId)).map(({ key }) => key)).toEqual([`${id}:${fact}`]);
      expect((await fixture.emails(userId)).filter((key) => /purchase:/.test(key))).toHaveLength(1);
      expect(await fixture.event(bought.invoicePaid.id)).toMatchObject({
        status: "handled",
        userId,
      });
    },
  );

  it("grants once when both events arrive many times at once", async () => {
    const userId = await fixture.signUp();
    const { completed, invoicePaid, invoiceId } = await buyUndelivered(userId, "pack-standard");
    const all = [completed, invoicePaid, twinOf(completed), twinOf(invoicePaid)];
    await Promise.all([...all, ...all].map((event) => fixture.deliver(event)));
    await fixture.deliver(completed);
    await fixture.deliver(invoicePaid);
    expect(await onlyPayment(userId)).toMatchObject({ invoiceId });
    expect(await fixture.granted(userId)).toBe(200);
  });

  it("is added to a payment that was recorded before Stripe issued it", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const { invoiceId } = await onlyPayment(userId);
    const byUser = eq(payment.userId, userId);
    await fixture.db.update(payment).set({ invoiceId: null }).where(byUser);
    expect(await documents(userId)).toMatchObject([{ status: "paid", pdfUrl: null }]);
    await fixture.deliver(twinOf(fixture.latest("invoice.paid")));
    expect(await onlyPayment(userId)).toMatchObject({ invoiceId });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("grants through the backfill when no event has arrived", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await buyUndelivered(userId, "pack-basic");
    await fixture.control.setDeliveryMode("normal");
    await backfillEvents(fixture.billing);
    expect(await onlyPayment(userId)).toMatchObject({ invoiceId });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is issued once a bank debit has settled, and not if the debit fails", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "pack-basic", "later");
    expect(await documents(userId)).toMatchObject([{ status: "pending", pdfUrl: null }]);
    await fixture.control.advanceClock({ days: 3 });
    await fixture.control.settleDelayedPayment(sessionId, "succeed");
    const rows = await documents(userId);
    expect(rows).toMatchObject([{ id: `checkout:${sessionId}`, status: "paid", credits: 100 }]);
    expect(rows[0]?.pdfUrl).toContain("/invoice/in_");

    const failed = await fixture.buy(userId, "pack-standard", "later");
    await fixture.control.settleDelayedPayment(failed, "fail");
    expect(await documents(userId)).toHaveLength(1);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("stays pending on the billing page until a settled debit's payment is recorded", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "pack-basic", "later");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.settleDelayedPayment(sessionId, "succeed");
    expect(await documents(userId)).toMatchObject([{ id: sessionId, status: "pending" }]);
    await fixture.deliver(fixture.latest("invoice.paid"));
    expect(await documents(userId)).toMatchObject([
      { id: `checkout:${sessionId}`, status: "paid" },
    ]);
  });

  it("is not requested when the setting is off, and the receipt is linked", async () => {
    const userId = await fixture.signUp();
    const off = { ...fixture.billing, purchaseInvoices: false };
    const wanted = { userId, item: "pack-basic", consent: CONSENT, now: now() };
    const { url } = await createCheckout(off, wanted);
    await fixture.control.pay(/cs_\w+/.exec(url)?.[0] ?? "");
    expect(await onlyPayment(userId)).toMatchObject({ invoiceId: null });
    const [row] = await documents(userId);
    expect(row).toMatchObject({ status: "paid", number: null, pdfUrl: null });
    expect(row?.pageUrl).toContain("/receipt/ch_");
    // A later purchase with an invoice does not change it.
    await fixture.control.advanceClock({ ms: 1_000 });
    await fixture.buy(userId, "pack-standard");
    expect(await documents(userId)).toMatchObject([
      { item: "pack-standard", number: expect.stringMatching(/-0001$/) },
      { item: "pack-basic", number: null, pageUrl: row?.pageUrl },
    ]);
  });

  it("is found by its number, with one row for each purchase", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    await fixture.control.advanceClock({ ms: 1_000 });
    await fixture.buy(userId, "pro-monthly");
    const rows = await documents(userId);
    expect(rows.map(({ item }) => item)).toEqual(["pro-monthly", "pack-basic"]);
    expect(new Set(rows.map(({ number }) => number)).size).toBe(2);
    const [, pack] = rows;
    expect(await documents(userId, pack?.number ?? "")).toMatchObject([{ item: "pack-basic" }]);
    expect(pack?.pdfUrl).toContain("/invoice/in_");
  });
});

describe("the reversal of an invoiced one-time purchase", () => {
  it("takes back its share of the credits for a refund of the charge", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const { paymentIntentId } = await onlyPayment(userId);
    await fixture.control.refund(paymentIntentId ?? "", 495);
    expect(await fixture.granted(userId)).toBe(50);
    expect(await documents(userId)).toMatchObject([{ status: "refunded", refundedCents: 495 }]);
    await fixture.control.refund(paymentIntentId ?? "");
    expect(await fixture.granted(userId)).toBe(0);
    expect(await documents(userId)).toMatchObject([{ status: "refunded", refundedCents: 990 }]);
  });

  it.each([
    ["to the card", { refund_amount: 495 }, 495],
    ["to the balance", { credit_amount: 495 }, 0],
    ["outside Stripe", { out_of_band_amount: 495 }, 0],
  ])("takes back half for a credit note of half %s", async (_how, parts, refundedCents) => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const { invoiceId } = await onlyPayment(userId);
    await fixture.control.creditInvoice(invoiceId ?? "", { amount: 495, ...parts });
    expect(await fixture.granted(userId)).toBe(50);
    expect(await onlyPayment(userId)).toMatchObject({ refundedCents });
    await fixture.deliver(fixture.latest("credit_note.created"));
    expect(await fixture.granted(userId)).toBe(50);
  });

  it.each(["refund.created", "credit_note.created"] as const)(
    "grants and takes back when %s arrives before the purchase",
    async (first) => {
      const userId = await fixture.signUp();
      const { completed, invoicePaid, invoiceId } = await buyUndelivered(userId, "lifetime");
      const amount = 19900;
      await fixture.control.creditInvoice(invoiceId, { amount, refund_amount: amount });
      await fixture.deliver(fixture.latest(first));
      expect(await onlyPayment(userId)).toMatchObject({ invoiceId, isReversed: true });
      expect(await fixture.granted(userId)).toBe(0);
      for (const event of [invoicePaid, completed, fixture.latest("refund.created")]) {
        expect((await fixture.deliver(event)).status).toBe(200);
      }
      expect(await fixture.granted(userId)).toBe(0);
      expect(await planOf(userId)).toBe("free");
    },
  );

  it("counts a credit note on an invoice that its payment does not know yet", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const { invoiceId } = await onlyPayment(userId);
    const byUser = eq(payment.userId, userId);
    await fixture.db.update(payment).set({ invoiceId: null }).where(byUser);
    await fixture.control.creditInvoice(invoiceId ?? "", { amount: 495, credit_amount: 495 });
    expect(await onlyPayment(userId)).toMatchObject({ invoiceId });
    expect(await fixture.granted(userId)).toBe(50);
  });

  it("counts a credit note outside Stripe whose event is older than the purchase's", async () => {
    const userId = await fixture.signUp();
    const { completed, invoiceId } = await buyUndelivered(userId, "pack-basic");
    await fixture.control.creditInvoice(invoiceId, { amount: 990, out_of_band_amount: 990 });
    await fixture.deliver(completed);
    expect(await fixture.granted(userId)).toBe(0);
  });

  it("holds the credits during a dispute and returns them when it is won", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "lifetime");
    const { paymentIntentId } = await onlyPayment(userId);
    const { id } = await fixture.control.dispute(paymentIntentId ?? "");
    expect(await fixture.available(userId)).toBe(120);
    await fixture.control.winDispute(id);
    expect(await fixture.available(userId)).toBe(1120);
    expect(await planOf(userId)).toBe("lifetime");
  });

  it("refunds a second lifetime by its payment, without a credit note", async () => {
    const userId = await fixture.signUp();
    const first = await fixture.openCheckout(userId, "lifetime");
    const { stripe } = fixture.billing;
    const { customer, line_items } = await stripe.checkout.sessions.retrieve(first, {
      expand: ["line_items"],
    });
    const second = await fixture.openForeignSession({
      customer: String(customer),
      client_reference_id: userId,
      metadata: { userId },
      invoice_creation: { enabled: true, invoice_data: { metadata: { userId } } },
      line_items: [{ price: line_items?.data[0]?.price?.id ?? "", quantity: 1 }],
    });
    await fixture.control.pay(first);
    await fixture.control.advanceClock({ ms: 1_000 });
    await fixture.control.pay(second);
    await fixture.deliverCalls();
    const [, refused] = await fixture.payments(userId);
    expect(refused).toMatchObject({ refusal: "second", refundedCents: 19900, owedCents: 0 });
    expect(refused?.invoiceId).toMatch(/^in_/);
    expect(await stripe.creditNotes.list({ invoice: refused?.invoiceId ?? "" })).toMatchObject({
      data: [],
    });
    const statuses = (await documents(userId)).map(({ status }) => status);
    expect(statuses.sort()).toEqual(["paid", "refunded"]);
    expect(await fixture.granted(userId)).toBe(1000);
  });
});
