import { vi } from "vitest";
import { defineCatalog } from "@/catalog/define-catalog";
import { maxPlan } from "../../support/max-plan";

// The tests' catalogue is itself what this one replaces.
const { definition } =
  await vi.importActual<typeof import("../../support/catalog")>("../../support/catalog");

/** The tests' catalogue with two tiers above pro, and a plan that costs more than max but grants less. */
export const catalog = defineCatalog({
  ...definition,
  plans: [
    ...definition.plans,
    maxPlan,
    {
      id: "desk",
      tier: 2,
      name: { en: "Desk", "zh-CN": "桌面版" },
      creditsPerMonth: 2000,
      prices: { month: { usd: 3990 }, year: { usd: 39900 } },
    },
    {
      id: "ultra",
      tier: 3,
      name: { en: "Ultra", "zh-CN": "至尊版" },
      creditsPerMonth: 9000,
      prices: { month: { usd: 5990 }, year: { usd: 59900 } },
    },
  ],
});
