import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { getMembership } from "@/billing/queries";
import { ITEMS, itemName } from "@/catalog/items";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { BillingFixture } from "./billing-fixture";
import { catalog as other } from "./other-catalog";

vi.mock("@/catalog/catalog", () => import("./other-catalog"));

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });
const renew = () => fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
const distribute = () =>
  distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
const amounts = async (userId: string) =>
  (await fixture.allotments(userId)).map(({ amount }) => amount);

describe("another catalogue", () => {
  it("shares no item with the application's", async () => {
    const { catalog } =
      await vi.importActual<typeof import("@/catalog/catalog")>("@/catalog/catalog");
    const idsOf = ({ plans, packs }: typeof catalog) => [...plans, ...packs].map(({ id }) => id);
    expect(idsOf(other).filter((id) => idsOf(catalog).includes(id))).toEqual([]);
    expect(ITEMS.map(({ id }) => id)).toEqual([
      "plus-monthly",
      "plus-yearly",
      "max-monthly",
      "max-yearly",
      "founder",
      "pack-sip",
      "pack-barrel",
    ]);
    expect(itemName("max-yearly", "zh-CN")).toBe("旗舰版（年付）");
  });

  it("gives a new user its sign-up gift and its free month", async () => {
    const userId = await fixture.signUp();
    expect(await fixture.available(userId)).toBe(12);
    expect(await membership(userId)).toMatchObject({ plan: "guest", kind: "free" });
  });

  it("sells a month of a plan, renews it and revokes it with a refund", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "max-monthly");
    expect(await membership(userId)).toMatchObject({ plan: "max-monthly", status: "active" });
    await renew();
    expect(await amounts(userId)).toEqual([3000, 3000]);
    const [, renewal] = await fixture.payments(userId);
    expect(renewal).toMatchObject({ item: "max-monthly", amountCents: 2900, credits: 3000 });
    await fixture.control.refund(renewal?.paymentIntentId ?? "");
    expect(await fixture.granted(userId)).toBe(3000);
    expect(await membership(userId)).toMatchObject({ plan: "guest" });
  });

  it("sells a year of a plan with its schedule, and switches to it from a month", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "plus-monthly"));
    await fixture.control.advanceClock({ days: 10 });
    await fixture.control.switchPlan(id, await fixture.priceOf("plus-yearly"));
    expect(await membership(userId)).toMatchObject({ plan: "plus-yearly" });
    expect(await amounts(userId)).toEqual([300]);
    for (let month = 0; month < 2; month += 1) {
      await renew();
      await distribute();
    }
    expect(await amounts(userId)).toEqual([300, 300, 300]);
  });

  it("sells a plan that is paid once, and refuses a second one", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "founder");
    expect(await membership(userId)).toMatchObject({
      plan: "founder",
      kind: "lifetime",
      until: null,
    });
    await expect(fixture.openCheckout(userId, "founder")).rejects.toMatchObject({
      code: "lifetime_held",
    });
    await renew();
    await distribute();
    expect(await amounts(userId)).toEqual([3000, 3000]);
  });

  it("sells its packs with their own validity, and none of the application's", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-barrel");
    expect(await fixture.granted(userId)).toBe(4000);
    await expect(fixture.openCheckout(userId, "pack-basic")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
