import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openPortal, type PortalFlow } from "@/billing/checkout/open-portal";
import { readPlan } from "@/billing/plan-changes/plan-actions";
import { previewSwitch } from "@/billing/plan-changes/preview-switch";
import { refreshMembership } from "@/billing/plan-changes/refresh-membership";
import { resumePlan } from "@/billing/plan-changes/resume-plan";
import { subscription } from "@/db/schema";
import { now } from "@/lib/clock";
import { type Subscriber, SwitchFixture } from "../switches/switch-fixture";

vi.mock("@/catalog/catalog", async () => import("../switches/tiers-catalog"));

let fixture: SwitchFixture;
beforeAll(async () => {
  fixture = await SwitchFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.control.settled();
  await fixture.billing.expectBalanced();
});
afterAll(() => fixture.billing.close());

const billing = () => fixture.billing.billing;

/** Opens a flow of the portal as the billing page does, and confirms it. Returns where it leads. */
async function confirmFlow({ userId }: Subscriber, flow: PortalFlow): Promise<string | null> {
  const { url } = await openPortal(billing(), { userId, flow });
  const response = await fetch(url, { method: "POST", redirect: "manual" });
  await fixture.control.settled();
  return response.headers.get("location");
}

async function actionsOf({ userId }: Subscriber) {
  return (await readPlan(fixture.billing.db, { userId, at: now() })).actions;
}

describe("readPlan", () => {
  it("shows the actions of the plan that it shows while a switch is being recorded", async () => {
    const { db } = fixture.billing;
    const { userId, subscriptionId } = await fixture.subscribe("pro-monthly");
    const before = await readPlan(db, { userId, at: now() });
    const reading = await db.transaction(async (tx) => {
      // Lets the read of the payments pass and holds up that of the subscription.
      await tx.execute(sql`lock table ${subscription} in access exclusive mode`);
      const [backend] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      const plan = readPlan(db, { userId, at: now() });
      await fixture.billing.waitUntilBlocked(backend?.pid ?? 0);
      await tx
        .update(subscription)
        .set({ plan: "max-monthly", priceId: await fixture.billing.priceOf("max-monthly") })
        .where(eq(subscription.id, subscriptionId));
      return { plan };
    });
    expect(await reading.plan).toEqual(before);
    expect(await readPlan(db, { userId, at: now() })).not.toEqual(before);
  });
});

describe("previewSwitch", () => {
  it.each([
    ["pro-monthly", "pro-yearly", 10],
    ["pro-monthly", "max-monthly", 10],
    ["pro-monthly", "ultra-yearly", 20],
    ["pro-yearly", "max-yearly", 45],
    ["desk-monthly", "pro-yearly", 3],
  ])(
    "states what a switch from %s to %s after %i days charges and grants",
    async (from, to, days) => {
      const user = await fixture.subscribe(from);
      await fixture.control.advanceClock({ days });
      await fixture.distribute();
      const before = { payments: await user.payments(), grants: await user.grants() };
      const { userId } = user;
      const preview = await previewSwitch(billing(), { userId, item: to });
      expect(await user.payments()).toEqual(before.payments);
      expect(await user.grants()).toEqual(before.grants);

      const location = await confirmFlow(user, { flow: "switch", item: to });
      expect(location).toContain("/billing?from=portal&done=switch");
      const paid = await user.lastPayment();
      // A second or two pass between the two.
      expect(Math.abs(paid.amountCents - preview.dueCents)).toBeLessThanOrEqual(1);
      expect(Math.abs(paid.credits - preview.creditsNow)).toBeLessThanOrEqual(1);
      expect(preview).toMatchObject({ when: "now", currency: "usd" });
      const { plan, renewsAt } = await user.membership();
      expect(plan).toBe(to);
      const late = Math.abs((renewsAt?.getTime() ?? 0) - preview.renewsAt.getTime());
      expect(late).toBeLessThan(60_000);
    },
  );

  it("states when a switch to a cheaper plan takes effect, and that nothing is due", async () => {
    const user = await fixture.subscribe("max-monthly");
    const { userId } = user;
    const { until } = await user.membership();
    expect(await previewSwitch(billing(), { userId, item: "pro-monthly" })).toEqual({
      when: "later",
      at: until,
      dueCents: 0,
      currency: "usd",
      creditsNow: 0,
      creditsPerMonth: 1000,
      renewsAt: until,
      priceCents: 990,
    });
    await confirmFlow(user, { flow: "switch", item: "pro-monthly" });
    expect((await user.membership()).scheduled).toEqual({ plan: "pro-monthly", at: until });
  });

  it("is refused without a subscription, and once an end is set", async () => {
    const userId = await fixture.billing.signUp();
    const preview = (id: string) => previewSwitch(billing(), { userId: id, item: "pro-yearly" });
    await expect(preview(userId)).rejects.toMatchObject({ code: "not_found" });
    const user = await fixture.subscribe("pro-monthly");
    await confirmFlow(user, { flow: "cancel" });
    const flow = { flow: "switch", item: "pro-yearly" } as const;
    const refused = { code: "plan_change_unavailable" };
    await expect(openPortal(billing(), { userId: user.userId, flow })).rejects.toMatchObject(
      refused,
    );
  });
});

describe("resumePlan", () => {
  it("undoes a cancellation in the portal", async () => {
    const user = await fixture.subscribe("pro-monthly");
    const { userId } = user;
    const { renewsAt } = await user.membership();
    expect(await actionsOf(user)).toMatchObject({ resumes: null, cancelEndsAt: renewsAt });
    expect(await confirmFlow(user, { flow: "cancel" })).toContain("done=cancel");
    expect(await user.membership()).toMatchObject({ renewsAt: null, cancelAt: renewsAt });
    expect(await actionsOf(user)).toEqual({
      switches: [],
      cancelEndsAt: null,
      resumes: "end",
      canChangeCard: true,
    });
    await resumePlan(billing(), { userId });
    expect(await user.membership()).toMatchObject({ renewsAt, cancelAt: null });
    await resumePlan(billing(), { userId });
    expect(await user.membership()).toMatchObject({ renewsAt, cancelAt: null });
  });

  it("undoes an end that the API set", async () => {
    const user = await fixture.subscribe("pro-monthly");
    await fixture.stripe.subscriptions.update(user.subscriptionId, { cancel_at_period_end: true });
    await fixture.control.settled();
    expect((await user.membership()).cancelAt).not.toBeNull();
    await resumePlan(billing(), user);
    expect((await user.membership()).cancelAt).toBeNull();
  });

  it("keeps the plan that a scheduled switch would leave", async () => {
    const user = await fixture.subscribe("pro-yearly");
    await confirmFlow(user, { flow: "switch", item: "pro-monthly" });
    expect(await actionsOf(user)).toMatchObject({ resumes: "switch", switches: [] });
    await resumePlan(billing(), user);
    expect((await user.membership()).scheduled).toBeNull();
    const { switches } = await actionsOf(user);
    expect(switches.map(({ id }) => id)).toContain("pro-monthly");
  });

  it("leaves an end that we set because of a lifetime", async () => {
    const user = await fixture.subscribe("pro-monthly");
    await fixture.billing.buy(user.userId, "lifetime");
    await fixture.billing.deliverCalls();
    expect(await actionsOf(user)).toMatchObject({ resumes: null, switches: [] });
    const refused = { code: "plan_change_unavailable" };
    await expect(resumePlan(billing(), user)).rejects.toMatchObject(refused);
  });

  it("leaves an end that we set while a payment is disputed", async () => {
    const user = await fixture.subscribe("pro-monthly");
    const { paymentIntentId } = await user.lastPayment();
    await fixture.control.dispute(paymentIntentId ?? "");
    await fixture.billing.deliverCalls();
    expect((await actionsOf(user)).resumes).toBeNull();
    const refused = { code: "plan_change_unavailable" };
    await expect(resumePlan(billing(), user)).rejects.toMatchObject(refused);
  });
});

describe("refreshMembership", () => {
  it("shows a paid switch and grants its credits before the events arrive", async () => {
    const user = await fixture.subscribe("pro-monthly");
    const { userId } = user;
    await fixture.control.setDeliveryMode("delay");
    await openAndConfirm(userId, { flow: "switch", item: "max-monthly" });
    expect(await user.membership()).toMatchObject({ plan: "pro-monthly" });
    expect(await refreshMembership(billing(), { userId })).toMatchObject({ plan: "max-monthly" });
    const granted = await user.grants();
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.settled();
    expect(await user.grants()).toEqual(granted);
    expect(granted).toHaveLength(2);
  });
});

async function openAndConfirm(userId: string, flow: PortalFlow): Promise<void> {
  const { url } = await openPortal(billing(), { userId, flow });
  expect((await fetch(url, { method: "POST", redirect: "manual" })).status).toBe(303);
}
