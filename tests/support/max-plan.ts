/** A tier above pro, for catalogues that replace the tests'. */
export const maxPlan = {
  id: "max",
  tier: 2,
  name: { en: "Max", "zh-CN": "旗舰版" },
  creditsPerMonth: 3000,
  prices: { month: { usd: 2490 }, year: { usd: 24900 } },
};
