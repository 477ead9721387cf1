import "server-only";
import { cookies, headers } from "next/headers";
import { catalog } from "@/catalog/catalog";
import { CURRENCIES } from "@/catalog/items";
import { CURRENCY_COOKIE } from "./currency-cookie";
import { preferredCurrency } from "./preferred-currency";

/** The currency in which a dynamic page shows prices to this visitor. */
export async function requestCurrency(): Promise<string> {
  const cookie = (await cookies()).get(CURRENCY_COOKIE)?.value;
  const visitor = { cookie, headers: await headers() };
  return preferredCurrency(visitor, CURRENCIES) ?? catalog.currency;
}
