import type { Locale } from "./locales";

/**
 * The conventions figures and dates are written by. English is read all over the world here, so
 * days come before months (3 Mar 2026) and dollars say whose they are (US$9.90).
 */
export const FORMAT_LOCALES: Record<Locale, string> = { en: "en-GB", "zh-CN": "zh-CN" };
