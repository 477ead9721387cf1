import NextLink from "next/link";
import { useLocale } from "next-intl";
import type { ComponentProps } from "react";
import { localePath } from "@/lib/locales";

/**
 * The one link of the app: `href` is the path without a language (`/pricing`), the reader's
 * language is put before it. Addresses elsewhere (`https:`, `mailto:`) and `#anchors` stay as they are.
 */
export function Link({
  href,
  ...rest
}: Omit<ComponentProps<typeof NextLink>, "href"> & { href: string }) {
  const locale = useLocale();
  return <NextLink {...rest} href={localePath(locale, href)} />;
}
