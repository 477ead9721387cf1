import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findAudit } from "@/admin/audit";
import { migratePlanAudited } from "@/admin/migrate-plan";
import { MigrationRefused } from "@/billing/errors";
import { countSubscribers, listVersions } from "@/billing/price-changes/price-versions";
import { auditLog, outbox, priceChange, subscription, user } from "@/db/schema";
import { now } from "@/lib/clock";
import { PriceChangesFixture } from "./price-changes-fixture";

let fixture: PriceChangesFixture;
beforeAll(async () => {
  fixture = await PriceChangesFixture.create();
});
afterEach(() => fixture.billing.expectBalanced());
afterAll(() => fixture.close());

/** The reason why a migration skips the plan's only subscriber. */
async function reasonOf(plan: string): Promise<string | undefined> {
  const { skipped, scheduled } = await fixture.migrate(plan);
  expect(scheduled).toBe(0);
  return [...skipped.keys()][0];
}

/** A plan with two versions and a subscriber of the first. */
async function subscribed(options: Parameters<typeof fixture.subscribe>[1] = {}) {
  const plan = fixture.newPlan();
  const prices = await fixture.sellTwoVersions(plan);
  return { plan, ...prices, ...(await fixture.subscribe(prices.from, options)) };
}

describe("migratePlan", () => {
  it("emails each subscriber of both intervals and schedules the change after the notice period", async () => {
    const plan = fixture.newPlan();
    const month = await fixture.sellTwoVersions(plan);
    const year = await fixture.sellTwoVersions(plan, "year");
    const monthly = await fixture.subscribe(month.from, { quantity: 2 });
    const yearly = await fixture.subscribe(year.from);
    const report = await fixture.migrate(plan, { noticeDays: 40 });
    expect(report).toMatchObject({ scheduled: 2, already: 0, failed: [], unchangedItems: [] });
    expect([...report.groups]).toEqual([
      [`${plan}-monthly, usd`, 1],
      [`${plan}-yearly, usd`, 1],
    ]);
    const [change] = await fixture.changesOf(monthly.subscriptionId);
    const months = await fixture.monthsUntil(monthly.subscriptionId, change?.effectiveAt);
    expect(months).toBe(1);
    const [yearChange] = await fixture.changesOf(yearly.subscriptionId);
    expect(await fixture.monthsUntil(yearly.subscriptionId, yearChange?.effectiveAt)).toBe(0);
    const [mail] = await fixture.announcementsTo(monthly.userId);
    expect(mail).toMatchObject({
      before: { amountCents: 1580, credits: 1200 },
      after: { amountCents: 2380, credits: 1600 },
      currency: "usd",
      interval: "month",
      effectiveAt: change?.effectiveAt.toISOString(),
    });
    expect(await fixture.itemsOf(monthly.subscriptionId)).toEqual([
      { priceId: month.from, quantity: 2 },
    ]);
  });

  it("writes nothing in a dry run", async () => {
    const { plan } = await subscribed();
    const { db } = fixture.billing;
    const sizes = () =>
      Promise.all([db.$count(priceChange), db.$count(outbox), db.$count(auditLog)]);
    const before = await sizes();
    const events = fixture.billing.control.listEvents().length;
    const options = { plan, from: 1, to: 2, noticeDays: 30, dryRun: true, actorId: "operator" };
    const report = await migratePlanAudited(fixture.billing.billing, options);
    expect(report).toMatchObject({ scheduled: 1, examples: [{ item: `${plan}-monthly` }] });
    expect(await sizes()).toEqual(before);
    expect(fixture.billing.control.listEvents()).toHaveLength(events);
  });

  it("schedules and emails once, however often and concurrently it runs", async () => {
    const { plan, userId, subscriptionId } = await subscribed();
    const reports = await Promise.all([1, 2, 3].map(() => fixture.migrate(plan)));
    const sum = (pick: (report: (typeof reports)[number]) => number) =>
      reports.reduce((total, report) => total + pick(report), 0);
    expect(sum(({ scheduled }) => scheduled)).toBe(1);
    expect(await fixture.migrate(plan)).toMatchObject({ scheduled: 0, already: 1 });
    expect(await fixture.changesOf(subscriptionId)).toHaveLength(1);
    expect(await fixture.entriesOf(userId)).toEqual(["email"]);
  });

  it("resumes after an interruption", async () => {
    const plan = fixture.newPlan();
    const { from } = await fixture.sellTwoVersions(plan);
    const subscribers = [];
    for (let n = 0; n < 3; n += 1) subscribers.push(await fixture.subscribe(from));
    const { billing } = fixture.billing;
    let calls = 0;
    const clock = () => {
      calls += 1;
      if (calls > 3) throw new Error("killed");
      return now();
    };
    await expect(fixture.migrate(plan, {}, { ...billing, clock })).rejects.toThrow("killed");
    const resumed = await fixture.migrate(plan);
    expect(resumed.already).toBeGreaterThan(0);
    expect(resumed.already + resumed.scheduled).toBe(3);
    for (const { userId } of subscribers)
      expect(await fixture.entriesOf(userId)).toEqual(["email"]);
  });

  it("continues after a subscriber who cannot be emailed, and reports the failure", async () => {
    const { plan, from, userId, subscriptionId } = await subscribed();
    const other = await fixture.subscribe(from);
    const { db } = fixture.billing;
    const changeEmail = (email: string) =>
      db.update(user).set({ email }).where(eq(user.id, userId));
    await changeEmail("nowhere");
    const options = { plan, from: 1, to: 2, noticeDays: 30, dryRun: false, actorId: "operator" };
    const report = await migratePlanAudited(fixture.billing.billing, options);
    expect(report).toMatchObject({ scheduled: 1, failed: [{ subscriptionId }] });
    expect(await fixture.changesOf(subscriptionId)).toEqual([]);
    expect(await fixture.entriesOf(other.userId)).toEqual(["email"]);
    const [entry] = await db.select().from(auditLog).where(eq(auditLog.action, "catalog.migrate"));
    expect(await findAudit(db, entry?.id ?? "")).toMatchObject({
      before: { plan, from: 1, to: 2, noticeDays: 30 },
      after: { scheduled: 1, already: 0, skipped: 0, failed: 1 },
    });
    await changeEmail(`${userId}@example.com`);
    expect(await fixture.migrate(plan)).toMatchObject({ scheduled: 1, already: 1, failed: [] });
  });

  it("replaces a scheduled change by one to another version", async () => {
    const { plan, userId, subscriptionId } = await subscribed();
    await fixture.migrate(plan);
    await fixture.sell(plan, { version: 3, credits: 900, amounts: { usd: 1390 } });
    expect(await fixture.migrate(plan, { to: 3 })).toMatchObject({ scheduled: 1 });
    const changes = await fixture.changesOf(subscriptionId);
    expect(changes.map(({ status }) => status)).toEqual(["dropped", "scheduled"]);
    expect(await fixture.entriesOf(userId)).toEqual(["email", "email"]);
  });

  it("skips a subscription that is set to end", async () => {
    const { plan, subscriptionId } = await subscribed();
    await fixture.billing.control.cancelSubscription(subscriptionId, "period end");
    expect(await reasonOf(plan)).toBe("set to end");
  });

  it("skips a subscription with a scheduled switch", async () => {
    const { plan, subscriptionId } = await subscribed();
    await fixture.billing.control.planSwitch(subscriptionId, "price_pro_monthly");
    expect(await reasonOf(plan)).toBe("has a scheduled change");
  });

  it("skips a subscription in a currency that the new price lacks, and moves the others", async () => {
    const plan = fixture.newPlan();
    const amounts = { usd: 790, eur: 690 };
    const from = await fixture.sell(plan, { version: 1, credits: 600, amounts });
    await fixture.sell(plan, { version: 2, credits: 800, amounts: { usd: 1190 } });
    await fixture.subscribe(from);
    const { subscriptionId } = await fixture.subscribe(from, { currency: "eur" });
    const { scheduled, skipped } = await fixture.migrate(plan);
    expect(scheduled).toBe(1);
    expect([...skipped]).toEqual([["pays in eur, which is not offered", [subscriptionId]]]);
  });

  it("skips a deleted account", async () => {
    const { plan, userId } = await subscribed();
    const { db } = fixture.billing;
    await db.update(user).set({ deletedAt: now() }).where(eq(user.id, userId));
    expect(await reasonOf(plan)).toBe("account deleted");
  });

  it("skips a subscription that is not stored or stored at another price", async () => {
    const { plan, subscriptionId } = await subscribed();
    const { db } = fixture.billing;
    const isThis = eq(subscription.id, subscriptionId);
    await db.update(subscription).set({ priceId: "price_pro_monthly" }).where(isThis);
    expect(await reasonOf(plan)).toBe("stored at another price: its event is late");
    await db.delete(subscription).where(isThis);
    expect(await reasonOf(plan)).toBe("not in the database");
  });

  it("skips an incomplete subscription", async () => {
    const plan = fixture.newPlan();
    const { from } = await fixture.sellTwoVersions(plan);
    const { sessionId } = await fixture.openSession(from);
    await fixture.billing.control.pay(sessionId, { how: "incomplete" });
    expect(await reasonOf(plan)).toBe("incomplete");
  });

  it("skips a subscriber for whom nothing would change", async () => {
    const plan = fixture.newPlan();
    const same = { credits: 600, amounts: { usd: 790 } };
    const from = await fixture.sell(plan, { ...same, version: 1 });
    await fixture.sell(plan, { ...same, version: 2 });
    await fixture.subscribe(from);
    expect(await reasonOf(plan)).toBe("same price, credits and grace");
  });

  it("moves subscribers to a version that differs only in grace, and emails both terms", async () => {
    const plan = fixture.newPlan();
    const same = { credits: 600, amounts: { usd: 790 } };
    const from = await fixture.sell(plan, { ...same, version: 1 });
    const to = await fixture.sell(plan, { ...same, version: 2, graceHours: 96 });
    const { userId, subscriptionId } = await fixture.subscribe(from);
    expect(await fixture.migrate(plan)).toMatchObject({ scheduled: 1 });
    expect(await fixture.changesOf(subscriptionId)).toMatchObject([{ toPriceId: to }]);
    const [mail] = await fixture.announcementsTo(userId);
    expect(mail).toMatchObject({ before: { graceHours: 48 }, after: { graceHours: 96 } });
  });

  it("refuses equal, unknown and archived versions and plans without a subscription", async () => {
    const { plan, to } = await subscribed();
    const refusal = (options: { plan?: string; from?: number; to?: number }) =>
      fixture.migrate(options.plan ?? plan, options).then(
        () => expect.fail("not refused"),
        (error: unknown) => (error instanceof MigrationRefused ? error.message : expect.fail()),
      );
    expect(await refusal({ to: 1 })).toContain("the same version");
    expect(await refusal({ to: 7 })).toContain(`${plan}-monthly 1, ${plan}-monthly 2`);
    await fixture.billing.buy(await fixture.billing.signUp(), "lifetime");
    expect(await refusal({ plan: "lifetime" })).toContain("not a plan that is sold");
    await fixture.billing.billing.stripe.prices.update(to, { active: false });
    expect(await refusal({})).toContain("is not sold");
  });

  it("leaves an item unchanged that lacks one of the versions", async () => {
    const { plan } = await subscribed();
    const year = { version: 1, credits: 600, amounts: { usd: 7900 }, interval: "year" } as const;
    await fixture.sell(plan, year);
    expect(await fixture.migrate(plan)).toMatchObject({
      scheduled: 1,
      unchangedItems: [`${plan}-yearly`],
    });
  });
});

describe("listVersions", () => {
  it("lists the versions of every interval with their subscribers", async () => {
    const { plan, from, to } = await subscribed();
    await fixture.migrate(plan);
    const versions = await listVersions(fixture.billing.db, plan);
    expect(versions).toMatchObject([
      { item: `${plan}-monthly`, version: 1, prices: [{ priceId: from }] },
      { item: `${plan}-monthly`, version: 2, prices: [{ priceId: to }] },
    ]);
    const { db } = fixture.billing;
    expect(await countSubscribers(db, [from])).toEqual({ live: 1, leaving: 1 });
    expect(await countSubscribers(db, [to])).toEqual({ live: 0, leaving: 0 });
  });
});
