import { type CatalogDefinition, defineCatalog } from "@/catalog/define-catalog";
// A relative path: in tests, "@/catalog/catalog" is this file.
import { catalog as sold } from "../../src/catalog/catalog";

/** The catalogue of the tests. An edit of the site's own catalogue changes no expectation. */
export const definition: CatalogDefinition = {
  currency: "usd",
  allotmentGraceHours: 48,
  signUpGift: { credits: 70, expireDays: 30 },
  dailySignIn: {
    credits: 5,
    milestones: [
      { everyDays: 7, credits: 20 },
      { everyDays: 30, credits: 50 },
    ],
    expireDays: 30,
  },
  features: {
    // The product's tests charge its features.
    ...sold.features,
    // Priced by use: credits for a million tokens of two models, plus 25%.
    agent: {
      cost: {
        per: 1_000_000,
        rates: {
          large: { "input-token": "30", "output-token": "120.5" },
          small: { "input-token": "1.5", "output-token": "6" },
        },
        tiers: { batch: "0.5" },
        markupPercent: "25",
        typical: { model: "small", units: { "input-token": 4_000_000, "output-token": 1_000_000 } },
      },
      overrun: { debtLimit: 50 },
      holdMinutes: 30,
      name: { en: "Agent", "zh-CN": "智能体" },
    },
    // One model, and a price that the buyer never pays more than.
    transcript: {
      cost: {
        rates: { standard: { minute: "0.7" } },
        typical: { units: { minute: 10 } },
      },
      overrun: "cap",
      holdMinutes: 30,
      name: { en: "Transcript", "zh-CN": "转写" },
    },
  },
  consumerRights: { withdrawalDays: 14, consentToImmediateSupply: true, renewalNoticeDays: 30 },
  plans: [
    {
      id: "free",
      tier: 0,
      name: { en: "Free", "zh-CN": "免费版" },
      creditsPerMonth: 50,
    },
    {
      id: "pro",
      tier: 1,
      name: { en: "Pro", "zh-CN": "专业版" },
      points: [
        { en: "Packs can be added whenever you need more", "zh-CN": "不够用时可随时加购积分包" },
      ],
      creditsPerMonth: 1000,
      prices: { month: { usd: 990 }, year: { usd: 9900 } },
    },
    {
      id: "lifetime",
      tier: 1,
      name: { en: "Lifetime", "zh-CN": "终身版" },
      points: [
        { en: "Packs can be added whenever you need more", "zh-CN": "不够用时可随时加购积分包" },
      ],
      creditsPerMonth: 1000,
      prices: { once: { usd: 19900 } },
    },
  ],
  packs: [
    {
      id: "basic",
      name: { en: "Basic pack", "zh-CN": "基础积分包" },
      credits: 100,
      expireDays: 365,
      price: { usd: 990 },
    },
    {
      id: "standard",
      name: { en: "Standard pack", "zh-CN": "标准积分包" },
      credits: 200,
      expireDays: 365,
      popular: true,
      price: { usd: 1490 },
    },
    {
      id: "premium",
      name: { en: "Premium pack", "zh-CN": "进阶积分包" },
      credits: 500,
      expireDays: 365,
      price: { usd: 3490 },
    },
    {
      id: "enterprise",
      name: { en: "Enterprise pack", "zh-CN": "企业积分包" },
      credits: 1000,
      expireDays: 365,
      price: { usd: 5990 },
    },
  ],
};

export const catalog = defineCatalog(definition, "tests/support/catalog.ts");
