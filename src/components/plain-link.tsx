import { useLocale } from "next-intl";
import type { ComponentProps } from "react";
import { localePath } from "@/lib/locales";

/**
 * As `Link`, but the browser loads the page itself: for public pages, which are files that come at
 * once and are kept by the browser, so that the router's link, 4 kB of script, need not come along.
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
