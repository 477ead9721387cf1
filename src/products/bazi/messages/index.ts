import type { Locale } from "@/lib/locales";
import enBazi from "./en/bazi.json";
import enErrors from "./en/errors.json";
import enLanding from "./en/landing.json";
import enProduct from "./en/product.json";
import zhBazi from "./zh-CN/bazi.json";
import zhErrors from "./zh-CN/errors.json";
import zhLanding from "./zh-CN/landing.json";
import zhProduct from "./zh-CN/product.json";

const en = { bazi: enBazi, errors: enErrors, landing: enLanding, product: enProduct };

export const messages: Readonly<Record<Locale, typeof en>> = {
  en,
  "zh-CN": { bazi: zhBazi, errors: zhErrors, landing: zhLanding, product: zhProduct },
};
