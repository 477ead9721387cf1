import { compareAsc } from "date-fns";
import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { retryEvents } from "@/billing/inbox/retry-events";
import { stripeEvent } from "@/db/schema";
import { now } from "@/lib/clock";
import { monthsAfter } from "@/lib/utc-period";
import { Subscriber, SwitchFixture } from "./switch-fixture";

vi.mock("@/catalog/catalog", () => import("./tiers-catalog"));

let fixture: SwitchFixture;
beforeAll(async () => {
  fixture = await SwitchFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  const { db } = fixture.billing;
  expect(await db.select().from(stripeEvent).where(eq(stripeEvent.status, "dead"))).toEqual([]);
  await fixture.billing.expectBalanced();
});
afterAll(() => fixture.billing.close());

/** Subscribes by bank debit, and switches to max ten days later while the debit is pending. */
async function upgradeBeforePayment(item: "pro-monthly" | "pro-yearly") {
  const userId = await fixture.billing.signUp();
  const sessionId = await fixture.billing.buy(userId, item, "later");
  const id = await fixture.billing.subscriptionOf(sessionId);
  const subscriber = new Subscriber(fixture, userId, id);
  await fixture.control.advanceClock({ days: 10 });
  await subscriber.switchTo(item.replace("pro", "max"));
  return { subscriber, sessionId };
}

/** The rest of the first month after ten days, as a share of it. */
async function shareLeft(subscriber: Subscriber): Promise<number> {
  const payments = await subscriber.payments();
  const starts = payments.map(({ memberFromAt }) => memberFromAt ?? expect.fail());
  const [start, at] = starts.sort(compareAsc);
  if (at === undefined || start === undefined) throw new Error("The period is not recorded.");
  const end = monthsAfter(start, 1);
  return (end.getTime() - at.getTime()) / (end.getTime() - start.getTime());
}

/** A day of retries, after which an unhandled event would be a dead letter. */
async function retryForADay(): Promise<void> {
  for (let hours = 0; hours < 30; hours += 3) {
    await fixture.control.advanceClock({ ms: 3 * millisecondsInHour });
    await retryEvents(fixture.billing.billing);
  }
}

describe("an upgrade within a period whose bank debit is pending", () => {
  it.each(["pro-monthly", "pro-yearly"] as const)(
    "grants nothing until the debit of a %s settles, and then the month and the difference",
    async (item) => {
      const { subscriber, sessionId } = await upgradeBeforePayment(item);
      await retryForADay();
      expect(await subscriber.grants()).toEqual([]);
      await fixture.control.settleDelayedPayment(sessionId, "succeed");
      const difference = Math.round(2000 * (await shareLeft(subscriber)));
      expect(await subscriber.grants()).toEqual([1000, difference]);
      expect(await subscriber.membership()).toMatchObject({ plan: item.replace("pro", "max") });
      await fixture.control.advanceClock({ days: 30 });
      await fixture.distribute();
      const next = item === "pro-yearly" ? [1000, 2000] : [3000];
      expect((await subscriber.grants()).slice(2).sort()).toEqual(next);
    },
  );

  it("is granted when the events of the switch and of the debit arrive together, in any order", async () => {
    for (const types of [
      ["checkout.session.async_payment_succeeded", "invoice.paid"],
      ["invoice.paid", "checkout.session.async_payment_succeeded"],
    ]) {
      const { subscriber, sessionId } = await upgradeBeforePayment("pro-monthly");
      await fixture.control.setDeliveryMode("drop");
      await fixture.control.settleDelayedPayment(sessionId, "succeed");
      await fixture.control.setDeliveryMode("normal");
      const events = fixture.control.listEvents().slice(-12);
      for (const type of types) {
        for (const event of events.filter((each) => each.type === type)) {
          await fixture.billing.deliver(event);
        }
      }
      const difference = Math.round(2000 * (await shareLeft(subscriber)));
      expect(await subscriber.grants()).toEqual([1000, difference]);
    }
  });

  it("is refunded when the debit fails and the subscription ends", async () => {
    const { subscriber, sessionId } = await upgradeBeforePayment("pro-monthly");
    await fixture.control.settleDelayedPayment(sessionId, "fail");
    expect(await subscriber.payments()).toEqual([]);
    await fixture.control.cancelSubscription(subscriber.subscriptionId, "now");
    await fixture.billing.deliverCalls();
    const paid = await subscriber.lastPayment();
    expect(paid).toMatchObject({ item: "max-monthly", refusal: "late", credits: 0 });
    expect(paid.refundedCents).toBe(paid.amountCents);
    expect(await subscriber.grants()).toEqual([]);
    expect(await fixture.billing.emails(subscriber.userId)).toContain(
      `email:late-payment:${paid.id}`,
    );
  });

  it("is refunded when the account is deleted", async () => {
    const { subscriber, sessionId } = await upgradeBeforePayment("pro-monthly");
    const { userId } = subscriber;
    await deleteAccount(fixture.billing.db, { userId, now: now() });
    await fixture.billing.deliverCalls();
    await fixture.control.settleDelayedPayment(sessionId, "succeed");
    await fixture.billing.deliverCalls();
    await fixture.billing.deliverCalls();
    for (const paid of await subscriber.payments()) {
      expect(paid).toMatchObject({ refusal: "deleted", refundedCents: paid.amountCents });
    }
    expect(await subscriber.payments()).toHaveLength(2);
  });
});
