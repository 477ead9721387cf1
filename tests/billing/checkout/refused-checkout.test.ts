import { millisecondsInMinute } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CheckoutRefused } from "@/billing/errors";
import { checkoutSession } from "@/db/schema";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.forgetPrices());
afterAll(() => fixture.close());

const recordedSessions = (userId: string) =>
  fixture.db.select().from(checkoutSession).where(eq(checkoutSession.userId, userId));

/** Stripe replays a refusal under the same idempotency key, and ours changes every minute. */
const waitForFreshKey = () => fixture.control.advanceClock({ ms: millisecondsInMinute });

describe("createCheckout, refused by Stripe for good", () => {
  it("reports an archived price to the buyer and once a day to the operator, and records nothing", async () => {
    const userId = await fixture.signUp();
    const { stripe } = fixture.billing;
    await stripe.prices.update("price_pack_premium", { active: false });
    for (let tries = 0; tries < 2; tries += 1) {
      const refused = fixture.openCheckout(userId, "pack-premium");
      await expect(refused).rejects.toBeInstanceOf(CheckoutRefused);
    }
    expect(await recordedSessions(userId)).toEqual([]);
    expect(await fixture.alerts("checkout-refused:pack-premium:")).toHaveLength(1);
    await stripe.prices.update("price_pack_premium", { active: true });
    await waitForFreshKey();
    await fixture.openCheckout(userId, "pack-premium");
  });

  it("sells an item at the price that replaced an archived one at Stripe", async () => {
    const userId = await fixture.signUp();
    const { stripe } = fixture.billing;
    const archived = await stripe.prices.retrieve(await fixture.priceOf("pack-standard"));
    const { product, unit_amount, lookup_key, metadata } = archived;
    const replacement = await stripe.prices.create({
      product: String(product),
      currency: "usd",
      unit_amount: unit_amount ?? 0,
      lookup_key: lookup_key ?? "",
      transfer_lookup_key: true,
      metadata: { ...metadata, version: "2" },
    });
    await stripe.prices.update(archived.id, { active: false });
    await fixture.buy(userId, "pack-standard");
    expect(await fixture.payments(userId)).toMatchObject([{ priceId: replacement.id }]);
    expect(await fixture.alerts("checkout-refused:pack-standard:")).toEqual([]);
    expect(await fixture.priceOf("pack-standard")).toBe(replacement.id);
  });
});
