import { useLocale } from "next-intl";
import type { ComponentProps } from "react";
import { localePath } from "@/lib/locales";

/**
 * `Link` as a plain anchor, for public pages: they are static and cached by the browser, so they do
 * without the 4 kB of the router's link.
 */
export function PlainLink({
  href,
  children,
  ...rest
}: Omit<ComponentProps<"a">, "href"> & { href: string }) {
  return (
    <a {...rest} href={localePath(useLocale(), href)}>
      {children}
    </a>
  );
}
