import { vi } from "vitest";
import { defineCatalog } from "@/catalog/define-catalog";
import { maxPlan } from "../../support/max-plan";

// The tests' catalogue is itself what this one replaces.
const { definition } =
  await vi.importActual<typeof import("../../support/catalog")>("../../support/catalog");

/** The tests' catalogue with a tier above pro and a plan that begins with a trial. */
export const catalog = defineCatalog({
  ...definition,
  plans: [
    ...definition.plans,
    maxPlan,
    {
      id: "solo",
      tier: 3,
      name: { en: "Solo", "zh-CN": "独享版" },
      creditsPerMonth: 4000,
      prices: { month: { usd: 3490 } },
      trial: { days: 14, credits: 60 },
    },
  ],
});
