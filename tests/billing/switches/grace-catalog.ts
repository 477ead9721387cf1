import { catalog as tiers } from "./tiers-catalog";

/** The catalogue with three tiers, whose plan `max` has a grace of its own. */
export const catalog: typeof tiers = {
  ...tiers,
  plans: tiers.plans.map((plan) => (plan.id === "max" ? { ...plan, graceHours: 6 } : plan)),
};
