import { addDays, subDays } from "date-fns";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { announceRenewals } from "@/billing/consumer-rights/renewal-notices";
import { notification, outbox, priceChange, subscription } from "@/db/schema";
import { storedEmail } from "@/emails/email-content";
import { renderEmail } from "@/emails/render-email";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
/** Each subscribed to Pro yearly on the same day. */
const users: Record<string, string> = {};

const NAMES = ["plain", "chinese", "cancelled", "late", "migrated", "changedEarly", "monthly"];

beforeAll(async () => {
  fixture = await BillingFixture.create();
  for (const name of NAMES) {
    const userId = await fixture.signUp(name === "chinese" ? "zh-CN" : "en");
    users[name] = userId;
    await fixture.buy(userId, name === "monthly" ? "pro-monthly" : "pro-yearly");
  }
  const { db, control } = fixture;
  const { id: migrated, renewsAt } = await stored("migrated");
  const { id: changedEarly } = await stored("changedEarly");
  const prices = { fromPriceId: await fixture.priceOf("pro-yearly"), toPriceId: "price_new" };
  const monthly = await fixture.priceOf("pro-monthly");
  for (const [subscriptionId, createdAt] of [
    [migrated, subDays(renewsAt, 35)],
    [changedEarly, subDays(renewsAt, 200)],
  ] as const) {
    await db.insert(priceChange).values({
      ...prices,
      toPriceId: monthly,
      userId: "any",
      subscriptionId,
      currency: "usd",
      quantity: 2,
      noticeEndsAt: addDays(createdAt, 30),
      effectiveAt: renewsAt,
      createdAt,
    });
  }
  await control.cancelSubscription((await stored("cancelled")).id, "period end");
  // The event of this cancellation is lost: our copy still renews.
  const { id: late } = await stored("late");
  await control.cancelSubscription(late, "period end");
  await db
    .update(subscription)
    .set({ cancelAt: null, cancelAtPeriodEnd: false, fetchedAt: new Date(0) })
    .where(eq(subscription.id, late));
}, 120_000);
afterAll(() => fixture.close());

async function stored(name: string) {
  const isOwn = eq(subscription.userId, users[name] ?? "");
  const [row] = await fixture.db.select().from(subscription).where(isOwn);
  if (!row?.currentPeriodEndAt) throw new Error(`${name} has no subscription.`);
  return { id: row.id, renewsAt: row.currentPeriodEndAt };
}

async function announce(): Promise<void> {
  await announceRenewals(fixture.billing, { now: now(), until: addDays(now(), 1) });
}

/** The notices of a user about renewals, as emails. */
async function emailsOf(name: string) {
  const userId = users[name] ?? "";
  const rows = await fixture.db.select().from(outbox).where(eq(outbox.userId, userId));
  const emails = rows.filter((row) => row.idempotencyKey.startsWith("email:renewal:"));
  const notices = await fixture.db
    .select()
    .from(notification)
    .where(eq(notification.userId, userId));
  expect(notices.filter(({ kind }) => kind === "renewal")).toHaveLength(emails.length);
  return Promise.all(
    emails.map(({ payload }) =>
      renderEmail(storedEmail.parse(payload), { appUrl: "http://localhost:3000" }),
    ),
  );
}

describe("announceRenewals", () => {
  it("announces nothing more than 30 days before", async () => {
    await fixture.control.advanceClock({ days: 333 });
    await announce();
    for (const name of NAMES) expect(await emailsOf(name), name).toEqual([]);
  });

  it("emails amount, date and how to cancel once, 30 days before, in the user's language", async () => {
    await fixture.control.advanceClock({ days: 3 });
    await announce();
    await announce();
    const [email, ...others] = await emailsOf("plain");
    expect(others).toEqual([]);
    expect(email?.text).toContain("US$99.00");
    expect(email?.text).toContain("choose Cancel before");
    expect(email?.text).toContain("http://localhost:3000/billing");
    const [chinese] = await emailsOf("chinese");
    expect(chinese?.subject).toContain("续费");
    expect(chinese?.text).toContain("/zh/billing");
  });

  it("announces no renewal of a plan that was cancelled, even if its event was lost", async () => {
    expect(await emailsOf("cancelled")).toEqual([]);
    expect(await emailsOf("late")).toEqual([]);
    const isOwn = eq(subscription.userId, users.late ?? "");
    const [row] = await fixture.db.select().from(subscription).where(isOwn);
    expect(row?.cancelAt ?? row?.cancelAtPeriodEnd).toBeTruthy();
  });

  it("announces no renewal that the email about its new price has announced lately", async () => {
    expect(await emailsOf("migrated")).toEqual([]);
  });

  it("announces the new price of a change that was announced long before", async () => {
    const [email] = await emailsOf("changedEarly");
    expect(email?.text).toContain("US$19.80");
  });

  it("announces no monthly renewal", async () => {
    expect(await emailsOf("monthly")).toEqual([]);
  });

  it("announces the next year's renewal again", async () => {
    await fixture.control.advanceClock({ days: 32 });
    await announce();
    expect(await emailsOf("plain")).toHaveLength(1);
    await fixture.control.advanceClock({ days: 335 });
    await announce();
    expect(await emailsOf("plain")).toHaveLength(2);
  });
});
