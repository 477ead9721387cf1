import type { MetadataRoute } from "next";
import { env } from "@/env";
import { product } from "@/product/current";

/** Allows crawling of public pages only. */
export default function robots(): MetadataRoute.Robots {
  const productPaths = product.navigation.map(({ href }) => href);
  const inside = ["/dashboard", ...productPaths, "/credits", "/billing", "/settings", "/admin"];
  return {
    rules: {
      userAgent: "*",
      allow: "/",
      disallow: ["/api/", ...inside, ...inside.map((path) => `/zh${path}`)],
    },
    sitemap: `${env.APP_URL}/sitemap.xml`,
  };
}
