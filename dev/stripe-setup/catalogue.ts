import { ITEM_IDS, type ItemId, itemById } from "@/billing/catalog";
import { CURRENCY, PACK_IDS, PACKS, PLANS } from "@/catalog/catalog";

/** A product at Stripe and one of its prices. */
export interface PriceToSell {
  readonly item: ItemId;
  readonly productId: string;
  readonly productName: string;
  readonly lookupKey: string;
  readonly amountCents: number;
  readonly currency: string;
  /** Null for one-time prices. */
  readonly interval: "month" | "year" | null;
  /** The environment variable that holds this price's id. */
  readonly variable: string;
}

/** What has to exist at Stripe, derived from the application's catalogue. */
export function pricesToSell(): PriceToSell[] {
  return ITEM_IDS.map((item) => ({
    item,
    ...productOf(item),
    ...costOf(item),
    lookupKey: `qiflow_${item.replaceAll("-", "_")}`,
    currency: CURRENCY,
    variable: `STRIPE_PRICE_${item.replaceAll("-", "_").toUpperCase()}`,
  }));
}

/** Both subscription prices belong to one product, because the portal switches only within a product. */
function productOf(item: ItemId): { productId: string; productName: string } {
  if (itemById(item).kind === "subscription") {
    return { productId: "qiflow_pro", productName: "QiFlow Pro" };
  }
  if (item === "lifetime") return { productId: "qiflow_lifetime", productName: "QiFlow Lifetime" };
  const name = item.replace("pack-", "");
  return {
    productId: `qiflow_pack_${name}`,
    productName: `QiFlow Credits: ${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  };
}

function costOf(item: ItemId): { amountCents: number; interval: "month" | "year" | null } {
  const pack = PACK_IDS.find((id) => item === `pack-${id}`);
  if (pack !== undefined) return { amountCents: PACKS[pack].priceCents, interval: null };
  if (item === "pro-monthly" || item === "pro-yearly" || item === "lifetime") {
    const { priceCents, interval } = PLANS[item];
    return { amountCents: priceCents, interval: interval === "once" ? null : interval };
  }
  throw new Error(`The catalogue has no price for ${item}.`);
}
