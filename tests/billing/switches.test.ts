import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { outbox } from "@/db/schema";
import { World } from "./world";

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterEach(async () => {
  await world.control.setDeliveryMode("normal");
  await world.expectBalanced();
});
afterAll(() => world.close());

async function schedules(userId: string) {
  return world.database.ownerSql<{ anchor_at: Date; ended: boolean }[]>`
    select anchor_at, ended_at is not null as ended from credit_schedule
    where user_id = ${userId} and kind = 'yearly' order by anchor_at`;
}

/** Where a subscription's first period ended as Stripe billed it. */
async function firstPeriodEnd(subscription: string): Promise<Date> {
  const { data } = await world.billing.stripe.invoices.list({ subscription, limit: 100 });
  return new Date((data.at(-1)?.lines.data[0]?.period.end ?? 0) * 1000);
}

describe("a switch to a year", () => {
  it("in mid-month sends a receipt that says from when it brings credits", async () => {
    const userId = await world.signUp();
    const id = await world.subscriptionOf(await world.buy(userId, "pro-monthly"));
    const monthEndsAt = await firstPeriodEnd(id);
    await world.control.advanceClock({ days: 10 });
    await world.control.switchPlan(id, "price_pro_yearly");
    const paid = (await world.payments(userId)).at(-1);
    const [receipt] = await world.db
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
    const userId = await world.signUp();
    const sessionId = await world.openCheckout(userId, "pro-monthly");
    await world.control.setDeliveryMode("drop");
    await world.control.pay(sessionId);
    await world.control.advanceClock({ days: 10 });
    const id = await world.subscriptionOf(sessionId);
    await world.control.switchPlan(id, "price_pro_yearly");
    await world.control.advanceClock({ days: 45 });
    await world.control.setDeliveryMode("normal");
    await world.deliver(world.latest("invoice.paid"));
    expect(await schedules(userId)).toEqual([
      { anchor_at: await firstPeriodEnd(id), ended: false },
    ]);
  });

  it("paid late leaves alone what began after it", async () => {
    const userId = await world.signUp();
    const id = await world.subscriptionOf(await world.buy(userId, "pro-monthly"));
    await world.control.advanceClock({ days: 2 });
    world.control.failNextPayment(id);
    await world.control.switchPlan(id, "price_pro_yearly");
    await world.control.advanceClock({ days: 2 });
    await world.control.switchPlan(id, "price_pro_monthly");
    const [later] = (await world.payments(userId)).slice(-1);
    await world.control.advanceClock({ days: 4 });
    const payments = await world.payments(userId);
    expect(payments.map(({ item }) => item)).toContain("pro-yearly");
    expect(payments.find(({ id: paid }) => paid === later?.id)).toEqual(later);
    expect(later?.memberUntilAt?.getTime()).toBeGreaterThan(later?.memberFromAt?.getTime() ?? 0);
  });
});

describe("a switch from a year", () => {
  it("while a month is due and waits for the run grants no second one", async () => {
    const userId = await world.signUp();
    const id = await world.subscriptionOf(await world.buy(userId, "pro-yearly"));
    await world.control.advanceClock({ months: 1, ms: 3_600_000 });
    await world.control.switchPlan(id, "price_pro_monthly");
    await world.control.switchPlan(id, "price_pro_yearly");
    const now = world.control.now();
    await world.database.ownerSql`
      select credits_distribute_one(${userId}, ${now}, interval '48 hours')`;
    const grants = (await world.booked(userId)).filter(({ amount }) => amount > 0);
    expect(grants).toHaveLength(2);
  });
});
