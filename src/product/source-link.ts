import type { Locale } from "@/lib/locales";
import { product } from "./current";

/** The page of what a ledger entry charged, from its source (`reading:<id>`); null if it has none. */
export function productSourceLink(
  source: string,
  locale: Locale,
): { href: string; label: string } | null {
  const [, kind = "", id] = /^([\w-]+):(.+)$/.exec(source) ?? [];
  const known = Object.hasOwn(product.sources, kind) ? product.sources[kind] : undefined;
  if (id === undefined || known === undefined) return null;
  return { href: known.href(encodeURIComponent(id)), label: known.label[locale] };
}
