import type { MetadataRoute } from "next";
import { env } from "@/env";
import { LOCALES, localePath } from "@/lib/locales";
import { product } from "@/product/current";

const PUBLIC_PATHS = [
  "/",
  "/pricing",
  ...product.publicPaths,
  "/docs/api",
  "/terms",
  "/privacy",
  "/refunds",
];

/** Lists every public page in every language with its alternates. */
export default function sitemap(): MetadataRoute.Sitemap {
  return PUBLIC_PATHS.flatMap((path) => {
    const languages = Object.fromEntries(
      LOCALES.map((locale) => [locale, env.APP_URL + localePath(locale, path)]),
    );
    return LOCALES.map((locale) => ({
      url: env.APP_URL + localePath(locale, path),
      alternates: { languages },
    }));
  });
}
