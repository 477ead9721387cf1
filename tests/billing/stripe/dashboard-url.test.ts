import { beforeAll, describe, expect, it } from "vitest";
import { stubEnvironment } from "../../support/stub-environment";

let stripeDashboardUrl: typeof import("@/billing/stripe/dashboard-url")["stripeDashboardUrl"];
beforeAll(async () => {
  stubEnvironment({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
  ({ stripeDashboardUrl } = await import("@/billing/stripe/dashboard-url"));
});

describe("stripeDashboardUrl", () => {
  it.each([
    ["sk_live_1", "cus_1", "https://dashboard.stripe.com/customers/cus_1"],
    ["rk_live_1", "pi_1", "https://dashboard.stripe.com/payments/pi_1"],
    ["sk_test_1", "in_1", "https://dashboard.stripe.com/test/invoices/in_1"],
    ["sk_test_1", "sub_1", "https://dashboard.stripe.com/test/subscriptions/sub_1"],
    ["sk_test_1", "evt_1", "https://dashboard.stripe.com/test/events/evt_1"],
  ])("with the key %s links %s to its page", (key, id, url) => {
    expect(stripeDashboardUrl(id, { STRIPE_SECRET_KEY: key })).toBe(url);
  });

  it("links neither the simulator's objects nor ids without a page", () => {
    const simulator = { STRIPE_SECRET_KEY: "sk_test_1", STRIPE_API_BASE: "http://127.0.0.1:1" };
    expect(stripeDashboardUrl("cus_1", simulator)).toBeNull();
    for (const id of ["cs_1", "checkout:cs_1", "", "cus", "constructor_1"]) {
      expect(stripeDashboardUrl(id, { STRIPE_SECRET_KEY: "sk_test_1" })).toBeNull();
    }
  });
});
