/** A price that exists from the start. Amounts are US cents. */
export interface SimulatorPrice {
  id: string;
  productId: string;
  productName: string;
  unitAmountCents: number;
  currency: string;
  /** Absent for one-time prices. */
  interval?: "month" | "year";
}

/** The prices QiFlow sells. Their ids are fixed, so that the environment can name them. */
export const simulatorCatalogue: readonly SimulatorPrice[] = [
  recurring("price_pro_monthly", 990, "month"),
  recurring("price_pro_yearly", 9900, "year"),
  once("price_lifetime", "prod_lifetime", "QiFlow Lifetime", 19900),
  once("price_pack_basic", "prod_pack_basic", "QiFlow Credits: Basic", 990),
  once("price_pack_standard", "prod_pack_standard", "QiFlow Credits: Standard", 1490),
  once("price_pack_premium", "prod_pack_premium", "QiFlow Credits: Premium", 3490),
  once("price_pack_enterprise", "prod_pack_enterprise", "QiFlow Credits: Enterprise", 5990),
];

function recurring(id: string, unitAmountCents: number, interval: "month" | "year") {
  const product = { productId: "prod_pro", productName: "QiFlow Pro" };
  return { id, ...product, unitAmountCents, currency: "usd", interval };
}

function once(id: string, productId: string, productName: string, unitAmountCents: number) {
  return { id, productId, productName, unitAmountCents, currency: "usd" };
}
