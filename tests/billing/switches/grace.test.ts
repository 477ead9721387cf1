import { subHours } from "date-fns";
import { millisecondsInHour } from "date-fns/constants";
import { and, eq, isNotNull } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { getBalance } from "@/ledger/reads/balance";
import { creditLot } from "@/ledger/schema";
import { now } from "@/lib/clock";
import { monthsAfter } from "@/lib/utc-period";
import { type Subscriber, SwitchFixture } from "./switch-fixture";

vi.mock("@/catalog/catalog", () => import("./grace-catalog"));

let fixture: SwitchFixture;
beforeAll(async () => {
  fixture = await SwitchFixture.create();
});
afterEach(() => fixture.billing.expectBalanced());
afterAll(() => fixture.billing.close());

/** When the credits of each paid month expire, oldest first. */
async function expiries({ userId }: Subscriber): Promise<Date[]> {
  const lots = await fixture.billing.db
    .select({ expiresAt: creditLot.expiresAt })
    .from(creditLot)
    .where(
      and(
        eq(creditLot.userId, userId),
        eq(creditLot.type, "SUBSCRIPTION_RENEWAL"),
        isNotNull(creditLot.expiresAt),
      ),
    )
    .orderBy(creditLot.seq);
  return lots.flatMap(({ expiresAt }) => expiresAt ?? []);
}

async function periodEnd(subscriber: Subscriber): Promise<Date> {
  return new Date((await subscriber.item()).current_period_end * 1000);
}

const renew = () => fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });

describe("the grace of a plan", () => {
  it("is its own, or else the catalogue's", async () => {
    for (const [item, grace] of [
      ["max-monthly", 6],
      ["pro-monthly", 48],
    ] as const) {
      const subscriber = await fixture.subscribe(item);
      const [expiresAt = now()] = await expiries(subscriber);
      expect(subHours(expiresAt, grace), item).toEqual(await periodEnd(subscriber));
    }
  });

  it("applies to every month of a year", async () => {
    const subscriber = await fixture.subscribe("max-yearly");
    const { current_period_start: start } = await subscriber.item();
    await renew();
    await fixture.distribute();
    const ends = (await expiries(subscriber)).map((at) => subHours(at, 6));
    const from = new Date(start * 1000);
    expect(ends).toEqual([monthsAfter(from, 1), monthsAfter(from, 2)]);
  });

  it("is read from the price that was paid for, not from today's catalogue", async () => {
    const subscriber = await fixture.subscribe("max-monthly");
    const priceId = await fixture.billing.priceOf("max-monthly");
    const sellWith = async (hours: number) => {
      const { ownerSql } = fixture.billing.database;
      await ownerSql`update catalog_price set grace_hours = ${hours} where price_id = ${priceId}`;
      fixture.billing.forgetPrices();
    };
    await sellWith(30);
    await renew();
    const [, renewed = now()] = await expiries(subscriber);
    expect(subHours(renewed, 30)).toEqual(await periodEnd(subscriber));
    await sellWith(6);
  });

  it("does not move the end of the month from which a switch to a year counts", async () => {
    const subscriber = await fixture.subscribe("max-monthly");
    const monthEnd = await periodEnd(subscriber);
    await fixture.control.advanceClock({ days: 10 });
    await subscriber.switchTo("pro-yearly");
    const { nextAllotment } = await getBalance(fixture.billing.db, {
      userId: subscriber.userId,
      at: now(),
    });
    expect(nextAllotment).toEqual({ credits: 1000, dueAt: monthEnd });
  });
});
