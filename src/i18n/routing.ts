import { defineRouting } from "next-intl/routing";

/** English has no prefix, Chinese lives under `/zh`. The same facts as in `lib/locales` (tested). */
export const routing = defineRouting({
  locales: ["en", "zh-CN"],
  defaultLocale: "en",
  localePrefix: { mode: "as-needed", prefixes: { "zh-CN": "/zh" } },
});
