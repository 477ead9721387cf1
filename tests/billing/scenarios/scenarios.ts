import { addHours } from "date-fns";
import { millisecondsInDay, millisecondsInHour } from "date-fns/constants";
import { expect } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { FOREVER } from "@/billing/subscriptions/membership";
import { now } from "@/lib/clock";
import { monthsAfter } from "@/lib/utc-period";
import type { BillingFixture } from "../billing-fixture";
import type { FinalState, Instant } from "./final-state";

/** What a user does at Stripe, and the state that we must reach once all events have arrived. */
export interface Scenario {
  readonly name: string;
  /** Runs without event delivery. Returns the state expected when the events arrive now. */
  readonly run: (fixture: BillingFixture, userId: string) => Promise<FinalState>;
}

const GRACE_HOURS = 48;

/** Matches an instant within eight minutes, the real time that a run may take. */
function near(at: Date): Instant {
  return expect.closeTo(at.getTime(), -6);
}

const FREE: FinalState["membership"] = { plan: "free", status: "none", until: null, endsAt: null };
const NO_MEMBER = { from: null, until: null, refundedCents: 0 };
const NEVER = near(FOREVER);

async function intentOf(fixture: BillingFixture, sessionId: string): Promise<string> {
  const session = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId);
  return String(session.payment_intent);
}

const packEnd = (grantedAt: Date) => near(new Date(grantedAt.getTime() + 365 * millisecondsInDay));
/** When a month's allotment expires: a grace after the period or after a later arrival. */
const monthEnd = (periodEnd: Date) => near(addHours(periodEnd, GRACE_HOURS));
/** When the first month of a year or a lifetime expires. It counts from an arrival a day late. */
const firstMonthEnd = (from: Date) => near(addHours(monthsAfter(from, 1), GRACE_HOURS));

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "a switch of plans, a partly refunded pack, a won dispute and a scheduled end",
    async run(fixture, userId) {
      const { control } = fixture;
      const subscribed = now();
      const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
      await control.advanceClock({ days: 10 });
      const switched = now();
      await control.switchPlan(subscriptionId, "price_pro_yearly");
      const intent = await intentOf(fixture, await fixture.buy(userId, "pack-enterprise"));
      await control.refund(intent, 2995);
      await control.advanceClock({ days: 1 });
      const dispute = await control.dispute(intent);
      await control.winDispute(dispute.id);
      await control.cancelSubscription(subscriptionId, "period end");
      await control.advanceClock({ days: 1 });
      const [monthEnds, yearEnds] = [monthsAfter(subscribed, 1), monthsAfter(switched, 12)];
      return {
        payments: [
          {
            ...NO_MEMBER,
            item: "pack-enterprise",
            credits: 1000,
            refundedCents: 2995,
            paid: near(switched),
          },
          {
            ...NO_MEMBER,
            item: "pro-monthly",
            credits: 1000,
            paid: near(subscribed),
            from: near(subscribed),
            until: near(switched),
          },
          {
            ...NO_MEMBER,
            item: "pro-yearly",
            credits: 0,
            paid: near(switched),
            from: near(switched),
            until: near(yearEnds),
          },
        ],
        membership: {
          plan: "pro-yearly",
          status: "active",
          until: near(yearEnds),
          endsAt: near(yearEnds),
        },
        schedules: [
          {
            state: "yearly due",
            anchor: near(monthEnds),
            next: near(monthEnds),
            until: near(yearEnds),
          },
        ],
        lots: [
          { remaining: 1000, expires: monthEnd(monthEnds) },
          { remaining: 500, expires: packEnd(now()) },
        ],
        granted: 1500,
      };
    },
  },
  {
    name: "a pack's bank debit that succeeds, a lifetime's that fails and an unpaid page",
    async run(fixture, userId) {
      const { control } = fixture;
      const charged = now();
      const arrives = await fixture.buy(userId, "pack-basic", "later");
      const fails = await fixture.buy(userId, "lifetime", "later");
      await fixture.openCheckout(userId, "pack-premium");
      await control.advanceClock({ days: 2 });
      await control.settleDelayedPayment(arrives, "succeed");
      await control.settleDelayedPayment(fails, "fail");
      return {
        payments: [{ ...NO_MEMBER, item: "pack-basic", credits: 100, paid: near(charged) }],
        membership: FREE,
        schedules: [],
        lots: [{ remaining: 100, expires: packEnd(now()) }],
        granted: 100,
      };
    },
  },
  {
    name: "a lifetime whose bank debit succeeds days later",
    async run(fixture, userId) {
      const { control } = fixture;
      // The months count from the charge, not from the arrival of the money.
      const charged = now();
      const sessionId = await fixture.buy(userId, "lifetime", "later");
      await control.advanceClock({ days: 4 });
      await control.settleDelayedPayment(sessionId, "succeed");
      await control.advanceClock({ days: 2 });
      return {
        payments: [lifetimePaid(charged)],
        membership: { plan: "lifetime", status: "active", until: null, endsAt: null },
        schedules: [lifetimeDue(charged)],
        lots: [{ remaining: 1000, expires: firstMonthEnd(now()) }],
        granted: 1000,
      };
    },
  },
  {
    name: "a lifetime bought while subscribed",
    async run(fixture, userId) {
      const { control } = fixture;
      const subscribed = now();
      await fixture.buy(userId, "pro-monthly");
      await control.advanceClock({ days: 3 });
      const bought = now();
      await fixture.buy(userId, "lifetime");
      await control.advanceClock({ ms: 6 * millisecondsInHour });
      const monthEnds = monthsAfter(subscribed, 1);
      return {
        payments: [
          lifetimePaid(bought),
          {
            ...NO_MEMBER,
            item: "pro-monthly",
            credits: 1000,
            paid: near(subscribed),
            from: near(subscribed),
            until: near(monthEnds),
          },
        ],
        membership: {
          plan: "lifetime",
          status: "active",
          until: null,
          endsAt: near(monthEnds),
        },
        schedules: [lifetimeDue(bought)],
        lots: [
          { remaining: 1000, expires: monthEnd(monthEnds) },
          { remaining: 1000, expires: firstMonthEnd(bought) },
        ],
        granted: 2000,
      };
    },
  },
  {
    name: "a second subscription paid in another tab",
    async run(fixture, userId) {
      const customer = await ensureCustomer(fixture.billing, userId);
      const open = (price: string) =>
        fixture.openForeignSession({
          mode: "subscription",
          customer,
          line_items: [{ price, quantity: 1 }],
          metadata: { userId },
          subscription_data: { metadata: { userId } },
        });
      const [one, two] = [await open("price_pro_monthly"), await open("price_pro_yearly")];
      const paid = now();
      await fixture.control.pay(one);
      await fixture.control.advanceClock({ ms: 2_000 });
      await fixture.control.pay(two);
      await fixture.control.advanceClock({ ms: 6 * millisecondsInHour });
      const monthEnds = monthsAfter(paid, 1);
      return {
        payments: [
          {
            ...NO_MEMBER,
            item: "pro-monthly",
            credits: 1000,
            paid: near(paid),
            from: near(paid),
            until: near(monthEnds),
          },
          {
            ...NO_MEMBER,
            item: "pro-yearly",
            credits: 0,
            refundedCents: 9900,
            paid: near(paid),
          },
        ],
        membership: {
          plan: "pro-monthly",
          status: "active",
          until: near(monthEnds),
          endsAt: null,
        },
        schedules: [],
        lots: [{ remaining: 1000, expires: monthEnd(monthEnds) }],
        granted: 1000,
      };
    },
  },
  {
    name: "a renewal that needs authentication, fails and is paid days later",
    async run(fixture, userId) {
      const { control } = fixture;
      const subscribed = now();
      const sessionId = await fixture.buy(userId, "pro-monthly");
      const subscriptionId = await fixture.subscriptionOf(sessionId);
      control.demandAuthentication(subscriptionId);
      control.failNextPayment(subscriptionId);
      await control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
      await control.advanceClock({ days: 8 });
      const [monthEnds, nextEnds] = [monthsAfter(subscribed, 1), monthsAfter(subscribed, 2)];
      // Attempted an hour after the period's end, three days later, and five days after that.
      const paidLate = addHours(monthEnds, 1 + (3 + 5) * 24);
      return {
        payments: [
          {
            ...NO_MEMBER,
            item: "pro-monthly",
            credits: 1000,
            paid: near(subscribed),
            from: near(subscribed),
            until: near(monthEnds),
          },
          {
            ...NO_MEMBER,
            item: "pro-monthly",
            credits: 1000,
            paid: near(paidLate),
            from: near(monthEnds),
            until: near(nextEnds),
          },
        ],
        membership: {
          plan: "pro-monthly",
          status: "active",
          until: near(nextEnds),
          endsAt: null,
        },
        schedules: [],
        lots: [
          // Arrives after its period, so it lasts the grace from then.
          { remaining: 1000, expires: monthEnd(now()) },
          { remaining: 1000, expires: monthEnd(nextEnds) },
        ],
        granted: 2000,
      };
    },
  },
  {
    name: "a subscription whose customer is deleted",
    async run(fixture, userId) {
      const subscribed = now();
      const sessionId = await fixture.buy(userId, "pro-yearly");
      await fixture.control.advanceClock({ days: 10 });
      const ended = now();
      const { customer } = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId);
      await fixture.control.deleteCustomer(String(customer));
      return {
        payments: [
          {
            ...NO_MEMBER,
            item: "pro-yearly",
            credits: 1000,
            paid: near(subscribed),
            from: near(subscribed),
            until: near(ended),
          },
        ],
        membership: FREE,
        schedules: [
          { state: "yearly ended", anchor: near(subscribed), next: null, until: near(ended) },
        ],
        lots: [{ remaining: 1000, expires: firstMonthEnd(now()) }],
        granted: 1000,
      };
    },
  },
  {
    name: "a month half of which is returned to the customer balance, and a withdrawn switch",
    async run(fixture, userId) {
      const subscribed = now();
      const sessionId = await fixture.buy(userId, "pro-monthly");
      await fixture.control.advanceClock({ days: 3 });
      const { invoice } = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId);
      const credit = { amount: 495, credit_amount: 495 };
      await fixture.control.creditInvoice(String(invoice), credit);
      const subscriptionId = await fixture.subscriptionOf(sessionId);
      const { subscriptions, subscriptionSchedules: schedules } = fixture.billing.stripe;
      await fixture.control.planSwitch(subscriptionId, "price_pro_yearly");
      const { schedule } = await subscriptions.retrieve(subscriptionId);
      await schedules.update(String(schedule), { metadata: { note: "edited" } });
      await schedules.release(String(schedule));
      const monthEnds = monthsAfter(subscribed, 1);
      const month = { paid: near(subscribed), from: near(subscribed), until: near(monthEnds) };
      return {
        payments: [{ ...NO_MEMBER, ...month, item: "pro-monthly", credits: 1000 }],
        membership: {
          plan: "pro-monthly",
          status: "active",
          until: near(monthEnds),
          endsAt: null,
        },
        schedules: [],
        lots: [{ remaining: 500, expires: monthEnd(monthEnds) }],
        granted: 500,
      };
    },
  },
  {
    name: "a lifetime whose full refund fails and a pack with a fraud warning whose dispute is lost",
    async run(fixture, userId) {
      const { control } = fixture;
      const bought = now();
      const lifetime = await intentOf(fixture, await fixture.buy(userId, "lifetime"));
      const refund = await control.refund(lifetime);
      await control.advanceClock({ days: 3 });
      await control.failRefund(refund.id);
      const packPaid = now();
      const pack = await intentOf(fixture, await fixture.buy(userId, "pack-standard"));
      await control.warnOfFraud(pack);
      const dispute = await control.dispute(pack);
      await control.advanceClock({ days: 3 });
      await control.loseDispute(dispute.id);
      return {
        payments: [
          lifetimePaid(bought),
          { ...NO_MEMBER, item: "pack-standard", credits: 200, paid: near(packPaid) },
        ],
        membership: { plan: "lifetime", status: "active", until: null, endsAt: null },
        schedules: [lifetimeDue(bought)],
        lots: [
          { remaining: 1000, expires: firstMonthEnd(now()) },
          { remaining: 0, expires: packEnd(now()) },
        ],
        granted: 1000,
      };
    },
  },
];

function lifetimePaid(at: Date): FinalState["payments"][number] {
  const member = { from: near(at), until: NEVER };
  return { ...NO_MEMBER, ...member, item: "lifetime", credits: 1000, paid: near(at) };
}

function lifetimeDue(anchor: Date): FinalState["schedules"][number] {
  const next = near(monthsAfter(anchor, 1));
  return { state: "lifetime due", anchor: near(anchor), next, until: null };
}
