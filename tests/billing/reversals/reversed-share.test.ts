import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { applyEffect, handled } from "@/billing/effect";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { paidAtOf } from "@/billing/purchases/paid-session";
import { getMembership } from "@/billing/queries";
import { applyReversals } from "@/billing/reversals/apply-reversals";
import { loadReversals } from "@/billing/reversals/load-reversals";
import { inPaidCurrency, mergeReversals } from "@/billing/reversals/reversed-share";
import { stateOfDispute } from "@/billing/stripe/disputes";
import { fetchSubscription } from "@/billing/subscriptions/sync-subscription";
import { type PaymentReversal, subscription, user } from "@/db/schema";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

/** Just within the tolerance of the signature check. */
const FOUR_MINUTES_MS = 240_000;

async function lastPayment(userId: string) {
  const payment = (await fixture.payments(userId)).at(-1);
  if (!payment?.paymentIntentId) throw new Error("nothing was charged");
  return { ...payment, paymentIntentId: payment.paymentIntentId };
}

/** Buys an item and returns its payment intent. */
async function pay(userId: string, item: Parameters<BillingFixture["buy"]>[1]): Promise<string> {
  await fixture.buy(userId, item);
  return (await lastPayment(userId)).paymentIntentId;
}

async function planOf(userId: string): Promise<string> {
  return (await getMembership(fixture.db, { userId, at: now() })).plan;
}

async function isScheduleOpen(userId: string): Promise<boolean> {
  const [schedule] = await fixture.database.ownerSql<{ open: boolean }[]>`
    select next_due_at is not null as open from credit_schedule
    where user_id = ${userId} and kind <> 'free' order by anchor_at desc limit 1`;
  return schedule?.open ?? false;
}

/** Loses a dispute of part of a purchase. */
async function loseDispute(intent: string, amount?: number, currency?: string): Promise<void> {
  const dispute = await fixture.control.dispute(intent, amount, currency);
  await fixture.control.loseDispute(dispute.id);
}

async function customerOf(userId: string): Promise<string> {
  const [owner] = await fixture.db.select().from(user).where(eq(user.id, userId));
  return owner?.stripeCustomerId ?? "";
}

describe("a reversal of at least 95% of what was paid", () => {
  it.each([
    ["lifetime", 19_530],
    ["pro-yearly", 9_405],
  ] as const)("ends the membership, the months and all credits of a %s", async (item, amount) => {
    const userId = await fixture.signUp();
    await loseDispute(await pay(userId, item), amount);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await isScheduleOpen(userId)).toBe(false);
    expect(await planOf(userId)).toBe("free");
    expect(await lastPayment(userId)).toMatchObject({ isReversed: true, disputedCents: amount });
  });

  it("ends a lifetime when two partial refunds add up to it", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "lifetime");
    await fixture.control.refund(intent, 10_000);
    expect(await planOf(userId)).toBe("lifetime");
    await fixture.control.refund(intent, 8_905);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await isScheduleOpen(userId)).toBe(false);
    expect(await planOf(userId)).toBe("free");
    expect(await fixture.openCheckout(userId, "lifetime")).toMatch(/^cs_/);
  });

  it("restores everything when it fails", async () => {
    const userId = await fixture.signUp();
    const refund = await fixture.control.refund(await pay(userId, "lifetime"), 19_000);
    expect(await planOf(userId)).toBe("free");
    await fixture.control.failRefund(refund.id);
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await isScheduleOpen(userId)).toBe(true);
    expect(await planOf(userId)).toBe("lifetime");
    expect(await lastPayment(userId)).toMatchObject({ isReversed: false });
  });
});

describe("a reversal of less than 95% of what was paid", () => {
  it.each([
    ["lifetime", 2_000, 899],
    ["pro-yearly", 1_000, 899],
    ["pro-yearly", 9_404, 50],
  ] as const)(
    "keeps a %s after a lost dispute of %i and leaves %i credits",
    async (item, amount, credits) => {
      const userId = await fixture.signUp();
      await loseDispute(await pay(userId, item), amount);
      expect(await fixture.granted(userId)).toBe(credits);
      expect(await isScheduleOpen(userId)).toBe(true);
      expect(await planOf(userId)).toBe(item);
    },
  );
});

describe("a year of which 90% are refunded in its first month", () => {
  it("brings a tenth of every allotment", async () => {
    const userId = await fixture.signUp();
    await fixture.control.refund(await pay(userId, "pro-yearly"), 8_910);
    await fixture.control.advanceClock({ months: 12, days: 3 });
    await distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
    const months = await fixture.allotments(userId);
    const firstYear = months.filter(({ key }) => key.startsWith("schedule:"));
    expect(firstYear.map(({ amount }) => amount)).toEqual(Array.from({ length: 11 }, () => 100));
  });
});

describe("a dispute in another currency", () => {
  it("counts as a dispute of the full payment, whatever its amount", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openForeignSession({
      customer: (await fixture.billing.stripe.customers.create({ metadata: { userId } })).id,
      line_items: [{ price: "price_pack_basic_cny", quantity: 1 }],
      client_reference_id: userId,
      metadata: { userId },
    });
    const { session } = await fixture.control.pay(sessionId);
    const dispute = await fixture.control.dispute(String(session.payment_intent), 945, "usd");
    expect(await fixture.granted(userId)).toBe(0);
    expect(await lastPayment(userId)).toMatchObject({
      amountCents: 6800,
      currency: "cny",
      disputedCents: 6800,
    });
    await fixture.control.winDispute(dispute.id);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("ends a lifetime when it is lost", async () => {
    const userId = await fixture.signUp();
    await loseDispute(await pay(userId, "lifetime"), 100, "eur");
    expect(await planOf(userId)).toBe("free");
    expect(await isScheduleOpen(userId)).toBe(false);
  });
});

describe("inPaidCurrency", () => {
  it("rejects a refund in a currency other than the purchase's", () => {
    const refund: PaymentReversal = {
      key: "refund:re_1",
      kind: "refund",
      amount: 945,
      currency: "usd",
      state: "standing",
    };
    expect(() => inPaidCurrency([refund], { cents: 6800, currency: "cny" })).toThrow(
      "refund:re_1 is in usd, its purchase in cny.",
    );
  });
});

describe("an invoice paid in part from the customer balance", () => {
  async function payFromBalance(userId: string, item: "pro-monthly" | "pro-yearly", cents: number) {
    const sessionId = await fixture.openCheckout(userId, item);
    const customer = await customerOf(userId);
    await fixture.billing.stripe.customers.update(customer, { balance: -cents });
    await fixture.control.pay(sessionId);
    return lastPayment(userId);
  }

  it("loses the charge's share of the total paid when the charge is refunded", async () => {
    const userId = await fixture.signUp();
    const { paymentIntentId, amountCents } = await payFromBalance(userId, "pro-monthly", 500);
    expect(amountCents).toBe(490);
    await fixture.control.refund(paymentIntentId);
    expect(await fixture.granted(userId)).toBe(505);
    expect(await planOf(userId)).toBe("pro-monthly");
  });

  it("is fully reversed when the balance paid less than 5%", async () => {
    const userId = await fixture.signUp();
    const { paymentIntentId } = await payFromBalance(userId, "pro-yearly", 400);
    await fixture.control.refund(paymentIntentId);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await planOf(userId)).toBe("free");
  });
});

describe("a month whose payment was fully reversed", () => {
  it.each(["refund", "dispute"] as const)(
    "is not active when the subscription switches to a year (%s)",
    async (kind) => {
      const userId = await fixture.signUp();
      const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
      const { paymentIntentId } = await lastPayment(userId);
      await fixture.control.advanceClock({ days: 3 });
      if (kind === "refund") await fixture.control.refund(paymentIntentId);
      else await loseDispute(paymentIntentId);
      expect(await fixture.granted(userId)).toBe(0);
      await fixture.control.advanceClock({ days: 2 });
      await fixture.control.switchPlan(id, "price_pro_yearly");
      expect(await fixture.granted(userId)).toBe(1000);
      expect(await planOf(userId)).toBe("pro-yearly");
      expect(await fixture.allotments(userId)).toHaveLength(2);
    },
  );

  it("is active again when the refund fails", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    const refund = await fixture.control.refund((await lastPayment(userId)).paymentIntentId);
    await fixture.control.failRefund(refund.id);
    await fixture.control.advanceClock({ days: 5 });
    await fixture.control.switchPlan(id, "price_pro_yearly");
    expect(await fixture.allotments(userId)).toHaveLength(1);
  });
});

describe("servers whose clocks differ", () => {
  /** Delivers the latest event of a type to a server whose clock is off. */
  async function deliverTo(
    offsetMs: number,
    type: "charge.refunded" | "checkout.session.completed" | "customer.subscription.updated",
  ) {
    const server = { ...fixture.billing, clock: () => new Date(now().getTime() + offsetMs) };
    const { body, header } = fixture.control.signedPayload(fixture.latest(type));
    const headers = { "stripe-signature": header };
    const url = "http://localhost:3000/api/webhooks/stripe";
    const response = await handleStripeWebhook(
      server,
      new Request(url, { method: "POST", body, headers }),
    );
    expect(response.status).toBe(200);
  }

  it.each([-FOUR_MINUTES_MS, FOUR_MINUTES_MS])(
    "apply both of two partial refunds when the second server is %i ms off",
    async (offsetMs) => {
      const userId = await fixture.signUp();
      const intent = await pay(userId, "pack-basic");
      await fixture.control.setDeliveryMode("drop");
      await fixture.control.refund(intent, 330);
      await deliverTo(0, "charge.refunded");
      await fixture.control.advanceClock({ ms: 60_000 });
      await fixture.control.refund(intent, 330);
      await deliverTo(offsetMs, "charge.refunded");
      expect(await fixture.granted(userId)).toBe(33);
    },
  );

  it("keep the second of two refunds when the first one's fetch is applied last", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "pack-basic");
    const { id: paymentId } = await lastPayment(userId);
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.refund(intent, 330);
    const loaded = await loadReversals(fixture.billing, { invoiceId: null, paymentIntent: intent });
    await fixture.control.refund(intent, 330);
    await deliverTo(0, "charge.refunded");
    await applyEffect(fixture.billing, async (tx) => {
      const late = { paymentId, loaded, paidUntil: null, now: now() };
      const { userId: owner, credits } = await applyReversals(tx, fixture.billing, late);
      return handled("late", owner, credits);
    });
    expect(await fixture.granted(userId)).toBe(33);
    expect(await lastPayment(userId)).toMatchObject({ refundedCents: 660 });
  });

  it("count a lifetime's months from its payment at Stripe", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "lifetime");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.pay(sessionId);
    await deliverTo(-FOUR_MINUTES_MS, "checkout.session.completed");
    const session = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId, {
      expand: ["payment_intent.latest_charge"],
    });
    const [{ memberFromAt } = {}] = await fixture.payments(userId);
    expect(memberFromAt).toEqual(paidAtOf(session));
  });

  it("store the latest state of a subscription", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.control.setDeliveryMode("drop");
    for (const [offsetMs, cancels] of [
      [FOUR_MINUTES_MS, true],
      [0, false],
      [-FOUR_MINUTES_MS, true],
    ] as const) {
      await fixture.billing.stripe.subscriptions.update(id, { cancel_at_period_end: cancels });
      await deliverTo(offsetMs, "customer.subscription.updated");
      const [stored] = await fixture.db.select().from(subscription).where(eq(subscription.id, id));
      expect(stored?.cancelAtPeriodEnd).toBe(cancels);
    }
  });

  it("timestamp the fetch of a subscription by the database's clock", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    const server = { ...fixture.billing, clock: () => new Date(0) };
    const { fetchedAt } = await fetchSubscription(server, id);
    expect(Math.abs(fetchedAt.getTime() - Date.now())).toBeLessThan(millisecondsInHour);
  });
});

function reversal(id: number, state: PaymentReversal["state"]): PaymentReversal {
  return { key: `dispute:du_${id}`, kind: "dispute", amount: 990, currency: "usd", state };
}

describe("mergeReversals", () => {
  it.each(["harmless", "open", "standing"] as const)("keeps a later state than %s", (state) => {
    expect(mergeReversals([reversal(1, "undone")], [reversal(1, state)])).toEqual([
      reversal(1, "undone"),
    ]);
    expect(mergeReversals([reversal(1, state)], [reversal(1, "undone")])).toEqual([
      reversal(1, "undone"),
    ]);
  });

  it("keeps a reversal that the fetch does not contain", () => {
    const [first, second] = [reversal(1, "open"), reversal(2, "open")];
    expect(mergeReversals([first, second], [first])).toEqual([first, second]);
  });
});

describe("stateOfDispute", () => {
  const moved = (amount: number) =>
    ({ amount, currency: "usd" }) as Parameters<
      typeof stateOfDispute
    >[0]["balance_transactions"][number];

  it("revokes nothing for a prevented dispute until money was returned", () => {
    const prevented = { status: "prevented", balance_transactions: [] };
    const returned = { status: "prevented", balance_transactions: [moved(-990)] };
    const before = reversal(1, stateOfDispute(prevented));
    const after = reversal(1, stateOfDispute(returned));
    expect(before.state).toBe("harmless");
    expect(mergeReversals([before], [after])).toEqual([reversal(1, "standing")]);
  });

  it.each([
    ["won", "undone"],
    ["lost", "standing"],
    ["appeal_under_review", "standing"],
    ["needs_response", "open"],
    ["warning_closed", "harmless"],
  ])("maps %s to %s", (status, state) => {
    expect(stateOfDispute({ status, balance_transactions: [] })).toBe(state);
  });
});
