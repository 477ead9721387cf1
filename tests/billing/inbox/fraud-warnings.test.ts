import { and, eq, like } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

async function buyPack() {
  const userId = await fixture.signUp();
  await fixture.buy(userId, "pack-basic");
  const [paid] = await fixture.payments(userId);
  return { userId, paymentId: paid?.id ?? "", intent: paid?.paymentIntentId ?? "" };
}

/** The lines of the alert emails about a warning. */
async function alertedFacts(warningId: string) {
  const key = `alert:fraud-warning:${warningId}:%`;
  return fixture.db
    .select({ payload: outbox.payload })
    .from(outbox)
    .where(and(eq(outbox.kind, "alert"), like(outbox.idempotencyKey, key)));
}

describe("an early fraud warning", () => {
  it("alerts the operator once and refunds and revokes nothing", async () => {
    const { userId, paymentId, intent } = await buyPack();
    const { id } = await fixture.control.warnOfFraud(intent);
    const event = fixture.latest("radar.early_fraud_warning.created");
    await fixture.deliver({ ...event, id: `${event.id}_twin` });
    const alerts = await alertedFacts(id);
    expect(alerts).toHaveLength(1);
    expect(alerts[0]?.payload).toMatchObject({
      props: {
        lines: [
          `paymentId: ${paymentId}`,
          `paymentIntent: ${intent}`,
          `userId: ${userId}`,
          "amount: US$9.90",
          "fraudType: unauthorized_use_of_card",
          expect.stringContaining("Nothing was refunded automatically."),
        ],
      },
    });
    expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
    expect(await fixture.granted(userId)).toBe(100);
    expect((await fixture.payments(userId))[0]).toMatchObject({ refundedCents: 0 });
  });

  it("fulfils a purchase whose own event has not arrived", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pack-basic");
    await fixture.control.setDeliveryMode("drop");
    const { session } = await fixture.control.pay(sessionId);
    await fixture.control.setDeliveryMode("normal");
    const { id } = await fixture.control.warnOfFraud(String(session.payment_intent));
    expect(await fixture.granted(userId)).toBe(100);
    expect(await alertedFacts(id)).toHaveLength(1);
  });

  it("reports that nothing needs to be done when the payment is already refunded in full", async () => {
    const { intent } = await buyPack();
    await fixture.control.refund(intent);
    const { id } = await fixture.control.warnOfFraud(intent);
    const [alert] = await alertedFacts(id);
    expect(JSON.stringify(alert)).toContain("whatToDo: Nothing. The payment is already");
  });

  it("is ignored for a stranger's charge", async () => {
    const { id: customer } = await fixture.billing.stripe.customers.create({});
    const line_items = [{ price: "price_foreign", quantity: 1 }];
    const sessionId = await fixture.openForeignSession({ customer, line_items });
    const { session } = await fixture.control.pay(sessionId);
    const { id } = await fixture.control.warnOfFraud(String(session.payment_intent));
    const [event] = (await fixture.inbox("radar.early_fraud_warning.created")).slice(-1);
    expect(event).toMatchObject({ status: "ignored" });
    expect(await alertedFacts(id)).toEqual([]);
  });
});
