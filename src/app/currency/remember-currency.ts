import type { NextRequest, NextResponse } from "next/server";
import { CURRENCIES } from "@/catalog/items";
import { CURRENCY_COOKIE } from "./currency-cookie";
import { preferredCurrency } from "./preferred-currency";

/**
 * Sets a cookie that tells static pages the currency of the visitor's country. Sets none for the
 * default currency or over a choice, so that most responses can be cached.
 */
export function rememberCurrency(
  request: NextRequest,
  response: NextResponse,
  { https }: { https: boolean },
): void {
  const cookie = request.cookies.get(CURRENCY_COOKIE)?.value;
  const currency = preferredCurrency({ cookie, headers: request.headers }, CURRENCIES);
  if (currency === undefined || currency === (cookie ?? CURRENCIES[0])) return;
  response.cookies.set(CURRENCY_COOKIE, currency, { sameSite: "lax", secure: https });
  // No shared cache may hand one visitor's cookie to another.
  response.headers.set("Cache-Control", "private, no-store");
}
