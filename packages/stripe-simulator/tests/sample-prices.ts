import type { SimulatorPrice } from "../src/catalogue";

const pro = { productId: "prod_pro", productName: "QiFlow Pro", currency: "usd" };

/** A subscription plan with two prices, and what is paid once. */
export const samplePrices: readonly SimulatorPrice[] = [
  { id: "price_pro_monthly", ...pro, unitAmountCents: 990, interval: "month" },
  { id: "price_pro_yearly", ...pro, unitAmountCents: 9900, interval: "year" },
  {
    id: "price_lifetime",
    productId: "prod_lifetime",
    productName: "Lifetime",
    unitAmountCents: 19900,
    currency: "usd",
  },
  {
    id: "price_pack_basic",
    productId: "prod_pack_basic",
    productName: "Basic pack",
    unitAmountCents: 990,
    currency: "usd",
  },
  {
    id: "price_pack_standard",
    productId: "prod_pack_standard",
    productName: "Standard pack",
    unitAmountCents: 1490,
    currency: "usd",
    otherAmounts: { eur: 1390 },
  },
  {
    id: "price_pack_premium",
    productId: "prod_pack_premium",
    productName: "Premium pack",
    unitAmountCents: 3490,
    currency: "usd",
  },
  {
    id: "price_pack_enterprise",
    productId: "prod_pack_enterprise",
    productName: "Enterprise pack",
    unitAmountCents: 5990,
    currency: "usd",
  },
];
