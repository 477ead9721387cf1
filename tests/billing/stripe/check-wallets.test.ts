import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkWallets, describeWalletMismatch } from "@/billing/stripe/check-wallets";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(() => fixture.close());

describe("checkWallets", () => {
  it("finds nothing when pricing names what the account offers", async () => {
    expect(await checkWallets(fixture.billing, { named: ["alipay", "wechat_pay"] })).toEqual([]);
  });

  it("names a wallet that only pricing or only the account has", async () => {
    const { stripe } = fixture.billing;
    const [standard] = (await stripe.paymentMethodConfigurations.list()).data;
    await stripe.paymentMethodConfigurations.update(standard?.id ?? "", {
      alipay: { display_preference: { preference: "off" } },
    });
    const found = await checkWallets(fixture.billing, { named: ["alipay"] });
    expect(found).toEqual([
      { wallet: "alipay", isNamed: true },
      { wallet: "wechat_pay", isNamed: false },
    ]);
    expect(found.map(describeWalletMismatch)).toEqual([
      "STRIPE_WALLETS names alipay, which the account does not offer at checkout",
      "The account offers wechat_pay at checkout, which STRIPE_WALLETS does not name",
    ]);
  });

  it("does not count a configuration that is inactive", async () => {
    const { stripe } = fixture.billing;
    const [standard] = (await stripe.paymentMethodConfigurations.list()).data;
    await stripe.paymentMethodConfigurations.update(standard?.id ?? "", { active: false });
    expect(await checkWallets(fixture.billing, { named: [] })).toEqual([]);
  });
});
