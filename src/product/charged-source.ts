import { getFeature } from "@/catalog/items";
import type { Locale } from "@/lib/locales";
import { product } from "./current";

/** What a ledger entry charged, in the reader's language. */
export interface ChargedSource {
  /** The name of the feature. */
  readonly name: string;
  /** The page of what was charged, and the label of a link to it. */
  readonly href: string;
  readonly label: string;
}

/** What the product charged, from a ledger entry's source (`card:<id>`); null for other sources. */
export function findChargedSource(source: string, locale: Locale): ChargedSource | null {
  const [, kind = "", id] = /^([\w-]+):(.+)$/.exec(source) ?? [];
  const known = Object.hasOwn(product.sources, kind) ? product.sources[kind] : undefined;
  if (id === undefined || known === undefined) return null;
  return {
    name: getFeature(known.feature).name[locale],
    href: known.href(encodeURIComponent(id)),
    label: known.label[locale],
  };
}
