import { catalog } from "@/catalog/catalog";
import { findPlan, ITEMS, type Item, itemName } from "@/catalog/items";

/** A product at Stripe and one of its prices. */
export interface PriceToSell {
  readonly item: string;
  readonly productId: string;
  readonly productName: string;
  readonly lookupKey: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  /** Null for one-time prices. */
  readonly interval: "month" | "year" | null;
  /** The environment variable that holds this price's id. */
  readonly variable: string;
}

/** What has to exist at Stripe, derived from the application's catalogue. */
export function pricesToSell(): PriceToSell[] {
  return ITEMS.map((item) => ({
    item: item.id,
    ...productOf(item),
    lookupKey: `qiflow_${item.id.replaceAll("-", "_")}`,
    amount: item.amounts[catalog.currency] ?? 0,
    currency: catalog.currency,
    interval: item.kind === "subscription" ? item.interval : null,
    variable: `STRIPE_PRICE_${item.id.replaceAll("-", "_").toUpperCase()}`,
  }));
}

/** A plan's monthly and yearly price belong to one product, because the portal switches only within a product. */
function productOf(item: Item): { productId: string; productName: string } {
  const id = item.kind === "pack" ? item.id : item.planId;
  const name = item.kind === "pack" ? itemName(id, "en") : (findPlan(id)?.name.en ?? id);
  return { productId: `qiflow_${id.replaceAll("-", "_")}`, productName: `QiFlow ${name}` };
}
