import type { Locale, Messages } from "next-intl";
import { product } from "@/product/current";
import { NAMESPACES } from "./namespaces";

const loaded = new Map<Locale, Promise<Messages>>();

/**
 * Loads all messages of a language, the site's and the product's, once per process. Needs no request,
 * so emails and exports use it too.
 */
export function loadMessages(locale: Locale): Promise<Messages> {
  const known = loaded.get(locale);
  if (known !== undefined && process.env.NODE_ENV === "production") return known;
  const messages = readMessages(locale);
  loaded.set(locale, messages);
  return messages;
}

async function readMessages(locale: Locale): Promise<Messages> {
  const entries = await Promise.all(
    NAMESPACES.map(async (namespace) => {
      const file: { default: object } = await import(`./messages/${locale}/${namespace}.json`);
      return [namespace, file.default] as const;
    }),
  );
  const site = Object.fromEntries(entries);
  const own = product.messages[locale];
  return { ...site, ...own, errors: { ...site.errors, ...own.errors } } as unknown as Messages;
}
