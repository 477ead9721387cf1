import type { SimulatorPrice } from "@qiflow/stripe-simulator/catalogue";
import { lookupKeyOf, OUR_MARK } from "@/billing/prices/prices";
import { termsDigest } from "@/billing/prices/terms";
import { catalog } from "@/catalog/catalog";
import { ITEMS, type Item } from "@/catalog/items";
import { productOf } from "../stripe-setup/set-up-prices";

/** The catalogue's prices for the simulator. */
export function simulatorPrices(): SimulatorPrice[] {
  return ITEMS.map((item) => {
    const { id: productId, name: productName } = productOf(item);
    const { [catalog.currency]: unitAmountCents = 0, ...others } = item.amounts;
    return {
      id: simulatorPriceId(item),
      productId,
      productName,
      unitAmountCents,
      currency: catalog.currency,
      otherAmounts: others,
      ...(item.kind === "subscription" ? { interval: item.interval } : {}),
      lookupKey: lookupKeyOf(item),
      metadata: { ...OUR_MARK, item: item.id, version: "1", terms: termsDigest(item) },
    };
  });
}

/** The fixed id of an item's price at the simulator: `price_pro_monthly`. */
export function simulatorPriceId(item: Item): string {
  return `price_${item.id.replaceAll("-", "_")}`;
}
