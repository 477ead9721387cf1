import { languagesByWeight } from "@/lib/locales";

/** The visitor's country as ISO 3166 code, as the usual hosts and CDNs send it. */
const COUNTRY_HEADERS = ["x-vercel-ip-country", "cf-ipcountry", "cloudfront-viewer-country"];

/** Source: https://european-union.europa.eu/institutions-law-budget/euro/countries-using-euro_en */
const EURO_AREA = new Set(
  "AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK AD MC SM VA ME XK".split(" "),
);

/**
 * The currency to show prices in. Returns the first match among `currencies`: the cookie, the visitor's
 * country, the regions of the browser's languages, the first currency.
 */
export function preferredCurrency(
  { cookie, headers }: { cookie: string | undefined; headers: Pick<Headers, "get"> },
  currencies: readonly string[],
): string | undefined {
  if (cookie !== undefined && currencies.includes(cookie)) return cookie;
  const country = COUNTRY_HEADERS.map((name) => headers.get(name)).find(Boolean);
  const regions = [country, ...regionsOf(headers.get("accept-language") ?? "")];
  for (const region of regions) {
    const found = region && currencies.find((one) => isUsedIn(one, region.toUpperCase()));
    if (found) return found;
  }
  return currencies[0];
}

/** ISO 4217 codes begin with the country's code, except those of currency unions. */
function isUsedIn(currency: string, region: string): boolean {
  if (EURO_AREA.has(region)) return currency === "eur";
  return currency.slice(0, 2).toUpperCase() === region;
}

/** The regions of an Accept-Language header by weight: `ja-JP,en-US;q=0.8` has JP and US. */
function regionsOf(acceptLanguage: string): string[] {
  return languagesByWeight(acceptLanguage).flatMap(
    (tag) => /^[a-z]+(?:-[a-z]{4})?-([a-z]{2})\b/i.exec(tag)?.[1] ?? [],
  );
}
