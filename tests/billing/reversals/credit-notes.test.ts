import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { getMembership } from "@/billing/queries";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

const planOf = async (userId: string) =>
  (await getMembership(fixture.db, { userId, at: now() })).plan;

/** Buys a subscription. Returns its first invoice. */
async function subscribe(userId: string, item: "pro-monthly" | "pro-yearly", balance = 0) {
  const sessionId = await fixture.openCheckout(userId, item);
  const { stripe } = fixture.billing;
  const { customer } = await stripe.checkout.sessions.retrieve(sessionId);
  await stripe.customers.update(String(customer), { balance: -balance });
  const { session } = await fixture.control.pay(sessionId);
  return String(session.invoice);
}

describe("a credit note on a paid invoice", () => {
  it.each([
    ["to the balance", { credit_amount: 495 }, 0],
    ["to the card", { refund_amount: 495 }, 495],
    ["in both ways", { refund_amount: 295, credit_amount: 200 }, 295],
    ["outside Stripe", { out_of_band_amount: 495 }, 0],
  ])(
    "takes back its share of the credits when it returns half %s",
    async (_how, parts, refunded) => {
      const userId = await fixture.signUp();
      const invoiceId = await subscribe(userId, "pro-monthly");
      await fixture.control.creditInvoice(invoiceId, { amount: 495, ...parts });
      expect(await fixture.granted(userId)).toBe(500);
      expect(await planOf(userId)).toBe("pro-monthly");
      expect(await fixture.payments(userId)).toMatchObject([{ refundedCents: refunded }]);
      await fixture.deliver(fixture.latest("credit_note.created"));
      expect(await fixture.granted(userId)).toBe(500);
    },
  );

  it("ends the membership when it returns everything to the balance", async () => {
    const userId = await fixture.signUp();
    const invoiceId = await subscribe(userId, "pro-yearly");
    await fixture.control.creditInvoice(invoiceId, { amount: 9900, credit_amount: 9900 });
    expect(await fixture.granted(userId)).toBe(0);
    expect(await planOf(userId)).toBe("free");
  });

  it("counts when the balance had paid the whole invoice", async () => {
    const userId = await fixture.signUp();
    const invoiceId = await subscribe(userId, "pro-monthly", 990);
    expect(await fixture.granted(userId)).toBe(1000);
    await fixture.control.creditInvoice(invoiceId, { amount: 990, credit_amount: 990 });
    expect(await fixture.granted(userId)).toBe(0);
    expect(await planOf(userId)).toBe("free");
  });

  it("counts together with refunds of the same invoice", async () => {
    const userId = await fixture.signUp();
    const invoiceId = await subscribe(userId, "pro-monthly");
    const [paid] = await fixture.payments(userId);
    await fixture.control.refund(paid?.paymentIntentId ?? "", 330);
    await fixture.control.creditInvoice(invoiceId, { amount: 330, credit_amount: 330 });
    expect(await fixture.granted(userId)).toBe(333);
  });

  it("is applied when it arrives before the purchase's own event", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    const invoiceId = await subscribe(userId, "pro-monthly", 990);
    await fixture.control.creditInvoice(invoiceId, { amount: 495, credit_amount: 495 });
    fixture.isUp = true;
    await fixture.deliver(fixture.latest("credit_note.created"));
    expect(await fixture.granted(userId)).toBe(500);
    await fixture.deliver(fixture.latest("invoice.paid"));
    expect(await fixture.granted(userId)).toBe(500);
  });
});
