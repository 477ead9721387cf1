import { addDays } from "date-fns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getMembership } from "@/billing/queries";
import { payment, subscription } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../../support/database";

const AT = new Date("2026-03-10T08:00:00Z");

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Payments of one subscription: pro, and switches in the same second. Each is [price, price before]. */
async function switches(userId: string, ...made: [string, string][]) {
  const bought: [string, string | null][] = [["pro", null], ...made];
  const shared = { userId, subscriptionId: `sub_${userId}`, amountCents: 990, currency: "usd" };
  await database.db.insert(payment).values(
    bought.map(([priceId, switchedFromPriceId], n) => ({
      ...shared,
      id: `${userId}:${n}`,
      item: priceId,
      priceId,
      credits: 0,
      switchedFromPriceId,
      memberFromAt: switchedFromPriceId === null ? addDays(AT, -5) : AT,
      memberUntilAt: addDays(AT, 25),
      paidAt: AT,
    })),
  );
  const at = addDays(AT, 1);
  return getMembership(database.db, { userId, at });
}

describe("switches of plans in one second", () => {
  it("make a member of the plan that no other left, in whatever order they are stored", async () => {
    const up = await switches("up", ["max", "pro"], ["ultra", "max"]);
    expect(up.plan).toBe("ultra");
    const reversed = await switches("reversed", ["ultra", "max"], ["max", "pro"]);
    expect(reversed.plan).toBe("ultra");
  });

  it("make a member of the subscription's plan when they led back to it", async () => {
    for (const [userId, priceId] of [
      ["first", "max"],
      ["second", "ultra"],
    ] as const) {
      await database.db.insert(subscription).values({
        id: `sub_${userId}`,
        userId,
        customerId: `cus_${userId}`,
        priceId,
        status: "active",
        createdAt: AT,
        fetchedAt: AT,
      });
      const { plan } = await switches(userId, ["max", "ultra"], ["ultra", "max"]);
      expect(plan).toBe(priceId);
    }
  });
});
