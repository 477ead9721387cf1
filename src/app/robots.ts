import type { MetadataRoute } from "next";
import { env } from "@/env";

/** Allows crawling of public pages only. */
export default function robots(): MetadataRoute.Robots {
  const inside = ["/dashboard", "/bazi", "/credits", "/billing", "/settings", "/admin"];
  return {
    rules: {
      userAgent: "*",
      allow: "/",
      disallow: ["/api/", ...inside, ...inside.map((path) => `/zh${path}`)],
    },
    sitemap: `${env.APP_URL}/sitemap.xml`,
  };
}
