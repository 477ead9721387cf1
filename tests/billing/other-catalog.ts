import { type CatalogDefinition, defineCatalog } from "@/catalog/define-catalog";

const name = (en: string, zh: string) => ({ en, "zh-CN": zh });

const definition: CatalogDefinition = {
  currency: "usd",
  allotmentGraceHours: 24,
  signUpGift: { credits: 7, expireDays: 10 },
  dailySignIn: { credits: 1, expireDays: 5, milestones: [] },
  // The one feature that today's product charges.
  features: { "bazi-reading": { cost: 3, holdMinutes: 5, name: name("Reading", "解读") } },
  plans: [
    { id: "guest", tier: 0, name: name("Guest", "访客"), creditsPerMonth: 5 },
    {
      id: "plus",
      tier: 1,
      name: name("Plus", "进阶版"),
      creditsPerMonth: 300,
      prices: { month: { usd: 500 }, year: { usd: 5000 } },
    },
    {
      id: "max",
      tier: 2,
      name: name("Max", "旗舰版"),
      creditsPerMonth: 3000,
      prices: { month: { usd: 2900 }, year: { usd: 29000 } },
    },
    {
      id: "founder",
      tier: 2,
      name: name("Founder", "创始版"),
      creditsPerMonth: 3000,
      prices: { once: { usd: 49900 } },
    },
  ],
  packs: [
    {
      id: "sip",
      name: name("Sip", "小包"),
      credits: 40,
      expireDays: 90,
      price: { usd: 400 },
    },
    {
      id: "barrel",
      name: name("Barrel", "大包"),
      credits: 4000,
      expireDays: null,
      price: { usd: 20000 },
    },
  ],
};

/** A catalogue that shares no id with the application's: another shop with the same rules. */
export const catalog = defineCatalog(definition, "tests/billing/other-catalog.ts");
