import { addDays } from "date-fns";
import { and, eq, like } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { getMembership } from "@/billing/queries";
import { outbox } from "@/db/schema";
import { now } from "@/lib/clock";
import { PriceChangesFixture } from "./price-changes-fixture";

type Subscriber = Awaited<ReturnType<typeof subscribe>>;
/** What is known of a subscriber at one instant. */
type State = Awaited<ReturnType<typeof read>>;

let fixture: PriceChangesFixture;
const states: Record<string, Record<"announced" | "near" | "renewed", State>> = {};
let users: Record<string, Subscriber>;

/**
 * One month of subscribers who were all emailed that the price changes at their next renewal. What
 * happens to each is read when it was announced, a day before the renewal, and after it.
 */
beforeAll(async () => {
  fixture = await PriceChangesFixture.create();
  const { control, db } = fixture.billing;
  users = {
    plain: await subscribe({ quantity: 3 }),
    trial: await subscribe({ trialDays: 30 }),
    addOn: await subscribe(),
    ending: await subscribe(),
    resumed: await subscribe(),
    ended: await subscribe(),
    switched: await subscribe(),
    planned: await subscribe(),
    unsent: await subscribe(),
    lost: await subscribe(),
    archived: await subscribe(),
  };
  const pastDue = await subscribe();
  control.failNextPayment(pastDue.subscriptionId, 2);
  const { addOn, ending, resumed, ended, switched, planned, unsent, lost, archived } = users;
  const idOf = (user: Subscriber | undefined) => user?.subscriptionId ?? expect.fail();
  await control.addItem(idOf(addOn), "price_foreign_monthly");
  for (const { plan } of Object.values(users)) {
    expect(await fixture.migrate(plan, { noticeDays: 7 })).toMatchObject({ scheduled: 1 });
  }
  const isUnsent = and(
    eq(outbox.userId, unsent?.userId ?? ""),
    like(outbox.idempotencyKey, "email:price%"),
  );
  await db
    .update(outbox)
    .set({ nextAttemptAt: addDays(now(), 90) })
    .where(isUnsent);
  users.pastDue = pastDue;
  await fixture.tick();
  await readAll("announced");

  await control.advanceClock({ days: 20 });
  await control.cancelSubscription(idOf(ending), "period end");
  await control.cancelSubscription(idOf(resumed), "period end");
  await control.cancelSubscription(idOf(ended), "now");
  await control.switchPlan(idOf(switched), "price_pro_yearly");
  await control.planSwitch(idOf(planned), "price_pro_monthly");
  await fixture.billing.billing.stripe.prices.update(archived?.to ?? "", { active: false });
  await fixture.tick();
  await control.resumeSubscription(idOf(resumed));

  await control.advanceClock({ days: 9 });
  control.failNextCall({ method: "POST", path: `/v1/subscriptions/${idOf(lost)}`, when: "after" });
  await fixture.tick();
  await control.advanceClock({ ms: 10 * 60_000 });
  await fixture.tick();
  await readAll("near");

  await control.advanceClock({ days: 4 });
  await fixture.tick();
  await readAll("renewed");
});
afterEach(() => fixture.billing.expectBalanced());
afterAll(() => fixture.close());

async function subscribe(order: Parameters<typeof fixture.subscribe>[1] = {}) {
  const plan = fixture.newPlan();
  const { from, to } = await fixture.sellTwoVersions(plan);
  return { plan, from, to, ...(await fixture.subscribe(from, order)) };
}

async function readAll(at: "announced" | "near" | "renewed"): Promise<void> {
  for (const [name, user] of Object.entries(users)) {
    states[name] = { ...states[name], [at]: await read(user) } as (typeof states)[string];
  }
}

async function read({ userId, subscriptionId, from, to }: Subscriber) {
  const { terms, upcomingTerms } = await getMembership(fixture.billing.db, { userId, at: now() });
  const [change] = await fixture.changesOf(subscriptionId);
  const items = await fixture.itemsOf(subscriptionId);
  const [call] = await fixture.billing.db
    .select()
    .from(outbox)
    .where(and(eq(outbox.userId, userId), eq(outbox.kind, "stripe")));
  const names = new Map([
    [from, "old"],
    [to, "new"],
  ]);
  return {
    items: items.map(({ priceId, quantity }) => [names.get(priceId) ?? priceId, quantity]),
    periods: await fixture.periodsOf(userId),
    change: change?.status,
    entries: await fixture.entriesOf(userId),
    shown: [terms?.amountCents ?? null, upcomingTerms?.amountCents ?? null],
    error: call?.lastError ?? null,
  };
}

const OLD = [790, 600];
const NEW = [1190, 800];

describe("a scheduled price change", () => {
  it("changes the price at Stripe just before the renewal, which is paid and granted at it", () => {
    const { announced, near, renewed } = states.plain ?? expect.fail();
    expect(announced).toMatchObject({
      items: [["old", 3]],
      change: "scheduled",
      entries: ["email"],
    });
    expect(announced.shown).toEqual([2370, 3570]);
    expect(near).toMatchObject({ items: [["new", 3]], change: "applied" });
    expect(near).toMatchObject({ periods: [[2370, 1800]], shown: [2370, 3570] });
    const periods = [
      [2370, 1800],
      [3570, 2400],
    ];
    expect(renewed).toMatchObject({ periods, shown: [3570, null], entries: ["email", "stripe"] });
  });

  it("leaves the first charge after a trial as it was announced", () => {
    const { near, renewed } = states.trial ?? expect.fail();
    expect(near).toMatchObject({ items: [["old", 1]], shown: [null, 1190] });
    expect(renewed).toMatchObject({ periods: [OLD], change: "scheduled", shown: [790, 1190] });
  });

  it("leaves other items of the subscription as they are", () => {
    const { near, renewed } = states.addOn ?? expect.fail();
    expect(near.items).toEqual([
      ["new", 1],
      ["price_foreign_monthly", 1],
    ]);
    expect(renewed.periods.at(-1)).toEqual([1690, 800]);
  });

  it("is not applied to a subscription that is set to end, unless it is resumed in time", () => {
    expect(states.ending?.near).toMatchObject({ items: [["old", 1]], shown: [790, null] });
    expect(states.ending?.renewed).toMatchObject({ periods: [OLD], change: "dropped" });
    expect(states.resumed?.near).toMatchObject({ items: [["new", 1]], change: "applied" });
    expect(states.resumed?.renewed.periods).toEqual([OLD, NEW]);
  });

  it("is dropped when the subscription ends or is switched", () => {
    expect(states.ended?.near).toMatchObject({ items: [["old", 1]], change: "dropped" });
    const { near, renewed } = states.switched ?? expect.fail();
    expect(near).toMatchObject({ items: [["price_pro_yearly", 1]], change: "dropped" });
    expect(renewed.items).toEqual([["price_pro_yearly", 1]]);
  });

  it("leaves a scheduled switch in place", () => {
    const { near, renewed } = states.planned ?? expect.fail();
    expect(near).toMatchObject({ items: [["old", 1]], change: "scheduled" });
    expect(renewed).toMatchObject({ items: [["price_pro_monthly", 1]], change: "dropped" });
  });

  it("waits until its email is sent", () => {
    const { near, renewed } = states.unsent ?? expect.fail();
    expect(near).toMatchObject({ items: [["old", 1]], change: "scheduled", entries: ["email"] });
    expect(renewed.periods).toEqual([OLD, OLD]);
    expect(renewed.shown).toEqual([790, 1190]);
  });

  it("is applied once although Stripe's response was lost", () => {
    const { near, renewed } = states.lost ?? expect.fail();
    expect(near).toMatchObject({ items: [["new", 1]], change: "applied" });
    expect(renewed.periods).toEqual([OLD, NEW]);
  });

  it("keeps the old price while Stripe refuses the new one, and leaves the failing call to its retries", () => {
    const { near, renewed } = states.archived ?? expect.fail();
    expect(near).toMatchObject({ items: [["old", 1]], error: expect.stringContaining("inactive") });
    expect(renewed).toMatchObject({ periods: [OLD, OLD], change: "scheduled" });
  });

  it("is scheduled for a subscription that is past due, and applied once it has paid", async () => {
    const { plan = "", userId = "" } = users.pastDue ?? {};
    const { status } = await getMembership(fixture.billing.db, { userId, at: now() });
    expect(status).toBe("past_due");
    expect(await fixture.migrate(plan, { noticeDays: 7 })).toMatchObject({ scheduled: 1 });
    await fixture.tick();
  });

  it("catches up at the next renewal after a missed one", async () => {
    const { control, db } = fixture.billing;
    const { userId = "", subscriptionId = "" } = users.unsent ?? {};
    await db.update(outbox).set({ nextAttemptAt: now() }).where(eq(outbox.userId, userId));
    await fixture.tick();
    await control.advanceClock({ days: 27 });
    await fixture.tick();
    expect(fixture.announced.filter(({ to }) => to === `${userId}@example.com`)).toHaveLength(1);
    expect((await fixture.changesOf(subscriptionId)).map(({ status }) => status)).toEqual([
      "applied",
    ]);
    await control.advanceClock({ days: 4 });
    expect(await fixture.periodsOf(userId)).toEqual([OLD, OLD, NEW]);
    expect(await fixture.periodsOf(users.trial?.userId ?? "")).toEqual([OLD, NEW]);
    expect(await fixture.periodsOf(users.pastDue?.userId ?? "")).toEqual([OLD, OLD, NEW]);
  });
});
