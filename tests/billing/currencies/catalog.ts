import { defineCatalog } from "@/catalog/define-catalog";
import { catalog as other } from "../other-catalog";

/** Amounts in currencies with two, no and three decimals. */
const inAllCurrencies = ({ usd = 0 }: Readonly<Record<string, number>>) => ({
  usd,
  cny: 7 * usd,
  jpy: 1.5 * usd,
  kwd: 3 * usd,
});

const { freePlan: _, ...definition } = other;

/** The other shop's catalogue, sold in four currencies. */
export const catalog = defineCatalog({
  ...definition,
  plans: definition.plans.map(({ prices, ...plan }) => ({
    ...plan,
    prices:
      prices &&
      Object.fromEntries(
        Object.entries(prices).map(([interval, amounts]) => [interval, inAllCurrencies(amounts)]),
      ),
  })),
  packs: definition.packs.map((pack) => ({ ...pack, price: inAllCurrencies(pack.price) })),
});
