import type { World } from "./world";

/** What somebody does at Stripe, and what must be true here once all of its events were heard. */
export interface Life {
  readonly name: string;
  readonly live: (world: World, userId: string) => Promise<void>;
  readonly end: {
    readonly payments: readonly { item: string; credits: number; refundedCents: number }[];
    readonly membership: { plan: string; status: string; isEnding: boolean };
    /** Kinds of the paid schedules and how they stand. */
    readonly schedules: readonly string[];
    readonly granted: number;
  };
}

const HOURS_2 = 2 * 3_600_000;
const FREE = { plan: "free", status: "none", isEnding: false };

async function intentOf(world: World, sessionId: string): Promise<string> {
  const session = await world.billing.stripe.checkout.sessions.retrieve(sessionId);
  return String(session.payment_intent);
}

export const LIVES: readonly Life[] = [
  {
    name: "a switch of plans, a pack refunded in part, a dispute won, an end asked for",
    async live(world, userId) {
      const { control } = world;
      const subscribed = await world.buy(userId, "pro-monthly");
      const subscriptionId = await world.subscriptionOf(subscribed);
      await control.advanceClock({ days: 10 });
      await control.switchPlan(subscriptionId, "price_pro_yearly");
      const intent = await intentOf(world, await world.buy(userId, "pack-enterprise"));
      await control.refund(intent, 2995);
      await control.advanceClock({ days: 1 });
      const dispute = await control.dispute(intent);
      await control.winDispute(dispute.id);
      await control.cancelSubscription(subscriptionId, "period end");
      await control.advanceClock({ days: 1 });
    },
    end: {
      payments: [
        { item: "pack-enterprise", credits: 1000, refundedCents: 2995 },
        { item: "pro-monthly", credits: 1000, refundedCents: 0 },
        { item: "pro-yearly", credits: 0, refundedCents: 0 },
      ],
      membership: { plan: "pro-yearly", status: "active", isEnding: true },
      schedules: ["yearly due"],
      granted: 1500,
    },
  },
  {
    name: "a debit that arrives, one that does not, and a page that is never paid",
    async live(world, userId) {
      const { control } = world;
      const arrives = await world.buy(userId, "pack-basic", "later");
      const fails = await world.buy(userId, "lifetime", "later");
      await world.openCheckout(userId, "pack-premium");
      await control.advanceClock({ days: 2 });
      await control.settleDelayedPayment(arrives, "succeed");
      await control.settleDelayedPayment(fails, "fail");
    },
    end: {
      payments: [{ item: "pack-basic", credits: 100, refundedCents: 0 }],
      membership: FREE,
      schedules: [],
      granted: 100,
    },
  },
  {
    name: "a renewal that fails and is paid days later",
    async live(world, userId) {
      const { control } = world;
      const subscribed = await world.buy(userId, "pro-monthly");
      control.failNextPayment(await world.subscriptionOf(subscribed));
      await control.advanceClock({ months: 1, ms: HOURS_2 });
      await control.advanceClock({ days: 8 });
    },
    end: {
      payments: [
        { item: "pro-monthly", credits: 1000, refundedCents: 0 },
        { item: "pro-monthly", credits: 1000, refundedCents: 0 },
      ],
      membership: { plan: "pro-monthly", status: "active", isEnding: false },
      schedules: [],
      granted: 2000,
    },
  },
  {
    name: "a subscription whose customer is deleted",
    async live(world, userId) {
      const subscribed = await world.buy(userId, "pro-yearly");
      await world.control.advanceClock({ days: 10 });
      const { customer } = await world.billing.stripe.checkout.sessions.retrieve(subscribed);
      await world.control.deleteCustomer(String(customer));
    },
    end: {
      payments: [{ item: "pro-yearly", credits: 1000, refundedCents: 0 }],
      membership: FREE,
      schedules: ["yearly ended"],
      granted: 1000,
    },
  },
  {
    name: "a lifetime whose full refund fails, and a pack whose dispute is lost",
    async live(world, userId) {
      const { control } = world;
      const lifetime = await intentOf(world, await world.buy(userId, "lifetime"));
      const refund = await control.refund(lifetime);
      await control.advanceClock({ days: 3 });
      await control.failRefund(refund.id);
      const pack = await intentOf(world, await world.buy(userId, "pack-standard"));
      const dispute = await control.dispute(pack);
      await control.advanceClock({ days: 3 });
      await control.loseDispute(dispute.id);
    },
    end: {
      payments: [
        { item: "lifetime", credits: 1000, refundedCents: 0 },
        { item: "pack-standard", credits: 200, refundedCents: 0 },
      ],
      membership: { plan: "lifetime", status: "active", isEnding: false },
      schedules: ["lifetime due"],
      granted: 1000,
    },
  },
];
