import { catalog as other } from "./other-catalog";

const trial = { days: 14, credits: 60 };

/** The other catalogue, whose plan `plus` begins with a trial. */
export const catalog: typeof other = {
  ...other,
  plans: other.plans.map((plan) => (plan.id === "plus" ? { ...plan, trial } : plan)),
};
