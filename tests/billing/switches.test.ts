import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { BillingFixture } from "./billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

async function schedules(userId: string) {
  return fixture.database.ownerSql<{ anchor_at: Date; ended: boolean }[]>`
    select anchor_at, ended_at is not null as ended from credit_schedule
    where user_id = ${userId} and kind = 'yearly' order by anchor_at`;
}

/** Where a subscription's first period ended as Stripe billed it. */
async function firstPeriodEnd(subscription: string): Promise<Date> {
  const { data } = await fixture.billing.stripe.invoices.list({ subscription, limit: 100 });
  return new Date((data.at(-1)?.lines.data[0]?.period.end ?? 0) * 1000);
}

describe("a switch to a year", () => {
  it("in mid-month sends a receipt that says from when it brings credits", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    const monthEndsAt = await firstPeriodEnd(id);
    await fixture.control.advanceClock({ days: 10 });
    await fixture.control.switchPlan(id, "price_pro_yearly");
    const paid = (await fixture.payments(userId)).at(-1);
    const [receipt] = await fixture.db
      .select()
      .from(outbox)
      .where(eq(outbox.idempotencyKey, `email:purchase:${paid?.id}`));
    expect(receipt?.payload).toMatchObject({
      template: "purchase-received",
      props: {
        item: "pro-yearly",
        credits: 1000,
        amountCents: paid?.amountCents,
        creditsFrom: monthEndsAt.toISOString(),
      },
    });
  });

  it("heard of weeks later begins where the month ended, not where we heard of it", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pro-monthly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.pay(sessionId);
    await fixture.control.advanceClock({ days: 10 });
    const id = await fixture.subscriptionOf(sessionId);
    await fixture.control.switchPlan(id, "price_pro_yearly");
    await fixture.control.advanceClock({ days: 45 });
    await fixture.control.setDeliveryMode("normal");
    await fixture.deliver(fixture.latest("invoice.paid"));
    expect(await schedules(userId)).toEqual([
      { anchor_at: await firstPeriodEnd(id), ended: false },
    ]);
  });

  it("paid late leaves alone what began after it", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.control.advanceClock({ days: 2 });
    fixture.control.failNextPayment(id);
    await fixture.control.switchPlan(id, "price_pro_yearly");
    await fixture.control.advanceClock({ days: 2 });
    await fixture.control.switchPlan(id, "price_pro_monthly");
    const [later] = (await fixture.payments(userId)).slice(-1);
    await fixture.control.advanceClock({ days: 4 });
    const payments = await fixture.payments(userId);
    expect(payments.map(({ item }) => item)).toContain("pro-yearly");
    expect(payments.find(({ id: paid }) => paid === later?.id)).toEqual(later);
    expect(later?.memberUntilAt?.getTime()).toBeGreaterThan(later?.memberFromAt?.getTime() ?? 0);
  });
});

describe("a switch from a year", () => {
  it("while a month is due and waits for the run grants no second one", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    await fixture.control.advanceClock({ months: 1, ms: 3_600_000 });
    await fixture.control.switchPlan(id, "price_pro_monthly");
    await fixture.control.switchPlan(id, "price_pro_yearly");
    const now = fixture.control.now();
    await fixture.database.ownerSql`
      select credits_distribute_one(${userId}, ${now}, interval '48 hours')`;
    const grants = (await fixture.booked(userId)).filter(({ amount }) => amount > 0);
    expect(grants).toHaveLength(2);
  });
});
