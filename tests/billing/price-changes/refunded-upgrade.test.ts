import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PriceChangesFixture } from "./price-changes-fixture";

let fixture: PriceChangesFixture;
beforeAll(async () => {
  fixture = await PriceChangesFixture.create();
});
afterAll(() => fixture.close());

describe("a refunded upgrade", () => {
  it("keeps the new version of the price that the subscription returns to", async () => {
    const plan = fixture.newPlan();
    const { from, to } = await fixture.sellTwoVersions(plan);
    const higher = { version: 1, credits: 3000, amounts: { usd: 2490 } };
    const upgrade = await fixture.sell(fixture.newPlan(), higher);
    const { userId, subscriptionId } = await fixture.subscribe(from);
    await fixture.migrate(plan, { noticeDays: 7 });
    await fixture.tick();
    await fixture.advance(29);
    expect(await fixture.itemsOf(subscriptionId)).toMatchObject([{ priceId: to }]);

    const { control } = fixture.billing;
    await control.switchPlan(subscriptionId, upgrade);
    const paid = (await fixture.billing.payments(userId)).at(-1);
    expect(paid).toMatchObject({ priceId: upgrade });
    await control.refund(paid?.paymentIntentId ?? "");
    await fixture.tick();
    expect(await fixture.itemsOf(subscriptionId)).toMatchObject([{ priceId: to }]);
    await fixture.advance(4);
    expect((await fixture.periodsOf(userId)).at(-1)).toEqual([1190, 800]);
    expect(await fixture.changesOf(subscriptionId)).toMatchObject([{ status: "applied" }]);
    await fixture.billing.expectBalanced();
  });

  it("is returned from the new version of its own price", async () => {
    const plan = fixture.newPlan();
    const { from, to } = await fixture.sellTwoVersions(plan);
    const lower = { version: 1, credits: 100, amounts: { usd: 290 } };
    const before = await fixture.sell(fixture.newPlan(), lower);
    const { userId, subscriptionId } = await fixture.subscribe(before);
    const { control } = fixture.billing;
    await control.switchPlan(subscriptionId, from);
    const paid = (await fixture.billing.payments(userId)).at(-1);
    await fixture.migrate(plan, { noticeDays: 7 });
    await fixture.tick();
    await fixture.advance(29);
    expect(await fixture.itemsOf(subscriptionId)).toMatchObject([{ priceId: to }]);
    await control.refund(paid?.paymentIntentId ?? "");
    await fixture.tick();
    expect(await fixture.itemsOf(subscriptionId)).toMatchObject([{ priceId: before }]);
  });
});
