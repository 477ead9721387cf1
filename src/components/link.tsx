import NextLink from "next/link";
import { useLocale } from "next-intl";
import type { ComponentProps } from "react";
import { localePath } from "@/lib/locales";

/**
 * The link of the app. `href` is a path without a locale (`/pricing`); the reader's locale is added.
 * External URLs (`https:`, `mailto:`) and `#anchors` stay unchanged.
 */
export function Link({
  href,
  ...rest
}: Omit<ComponentProps<typeof NextLink>, "href"> & { href: string }) {
  const locale = useLocale();
  return <NextLink {...rest} href={localePath(locale, href)} />;
}
