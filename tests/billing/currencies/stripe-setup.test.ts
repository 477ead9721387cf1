import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { checkPrices, describeMismatch } from "@/billing/stripe/check-prices";
import { ITEMS } from "@/catalog/items";
import { setUpStripe } from "../../../dev/stripe-setup/set-up-stripe";
import { BillingFixture } from "../billing-fixture";

vi.mock("@/catalog/catalog", () => import("./catalog"));

/** Every price is older than two of the catalogue's currencies. */
vi.mock("../../../dev/laptop/simulator-prices", async (load) => {
  const { simulatorPrices } = await load<typeof import("../../../dev/laptop/simulator-prices")>();
  return {
    simulatorPrices: () =>
      simulatorPrices().map((price) => ({
        ...price,
        otherAmounts: { cny: price.otherAmounts?.cny ?? 0 },
      })),
  };
});

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(() => fixture.close());

async function setUp({ dryRun }: { dryRun: boolean }): Promise<string[]> {
  const printed: string[] = [];
  const options = { appUrl: "https://qiflow.example", dryRun };
  const print = (line: string) => printed.push(line);
  await setUpStripe(fixture.billing.stripe, { ...options, print });
  return printed;
}

const readPrice = (id: string) =>
  fixture.billing.stripe.prices.retrieve(id, { expand: ["currency_options"] });

describe("currencies that the catalogue adds", () => {
  it("are named by stripe:check", async () => {
    const lines = (await checkPrices(fixture.billing)).map(describeMismatch);
    expect(lines).toHaveLength(2 * ITEMS.length);
    expect(lines).toContain(
      "pack-sip (price_pack_sip): currency is usd, cny, the catalogue says jpy",
    );
  });

  it("are shown by a dry run of stripe:setup, which writes nothing", async () => {
    const planned = await setUp({ dryRun: true });
    expect(planned).toHaveLength(ITEMS.length);
    expect(planned).toContain(
      "~ price price_pack_sip of pack-sip: adds 600 JPY (minor units), 1200 KWD (minor units)",
    );
    expect(await setUp({ dryRun: true })).toEqual(planned);
  });

  it("are added to the prices by stripe:setup, and sold at them", async () => {
    const userId = await fixture.signUp();
    const open = () => fixture.openCheckout(userId, "pack-sip", { currency: "jpy" });
    await expect(open()).rejects.toMatchObject({ code: "checkout_refused" });
    await setUp({ dryRun: false });
    expect(await setUp({ dryRun: true })).toEqual(["Products and prices match the catalogue."]);
    expect(await checkPrices(fixture.billing)).toEqual([]);
    const { active, currency_options: options } = await readPrice("price_pack_sip");
    expect(active).toBe(true);
    expect(Object.keys(options ?? {})).toEqual(["usd", "cny", "jpy", "kwd"]);
    const session = await fixture.billing.stripe.checkout.sessions.retrieve(await open());
    expect(session).toMatchObject({ currency: "jpy", amount_total: 600 });
  });
});

describe("an amount in one currency that differs from Stripe's", () => {
  it("is never charged, and makes a new version of the price", async () => {
    await fixture.billing.stripe.prices.update("price_pack_sip", {
      currency_options: { jpy: { unit_amount: 500 } },
    });
    expect((await checkPrices(fixture.billing)).map(describeMismatch)).toEqual([
      "pack-sip (price_pack_sip): amount is 500 jpy, the catalogue says 600 jpy",
    ]);
    const userId = await fixture.signUp();
    const open = () => fixture.openCheckout(userId, "pack-sip", { currency: "jpy" });
    await expect(open()).rejects.toMatchObject({ code: "checkout_refused" });
    const [created, retired] = await setUp({ dryRun: false });
    expect(created).toMatch(/^\+ price of pack-sip, version 2: 400 USD .* 600 JPY/);
    expect(retired).toBe("- price price_pack_sip of pack-sip: no longer sold");
    expect(await checkPrices(fixture.billing)).toEqual([]);
    const session = await fixture.billing.stripe.checkout.sessions.retrieve(await open());
    expect(session).toMatchObject({ currency: "jpy", amount_total: 600 });
  });
});

describe("a currency that the catalogue drops", () => {
  it("stays at the price for its subscribers", async () => {
    await fixture.billing.stripe.prices.update("price_founder", {
      currency_options: { eur: { unit_amount: 45_900 } },
    });
    expect(await setUp({ dryRun: true })).toEqual(["Products and prices match the catalogue."]);
    expect(await checkPrices(fixture.billing)).toEqual([]);
  });
});
