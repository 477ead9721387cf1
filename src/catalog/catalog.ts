import { defineCatalog } from "./define-catalog";

/**
 * Everything that is sold, what it grants, when it expires and what features cost. Pages, checkout,
 * emails, reports, Stripe's products and the simulator's derive from this file. Credits are whole
 * numbers, prices are minor units. docs/guides shows the usual edits.
 */
export const catalog = defineCatalog({
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
    "bazi-reading": {
      cost: 10,
      holdMinutes: 10,
      name: { en: "BaZi reading", "zh-CN": "八字解读" },
    },
  },
  // On, because anybody can buy on the internet: docs/decisions/0086-consumer-rights.md.
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
});
