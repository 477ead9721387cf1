/**
 * What is sold, what it grants, when it expires and what features cost. Credits are whole numbers,
 * money is US cents. Stripe's price ids are in `src/billing/catalog.ts`.
 */
export const PLAN_IDS = ["free", "pro-monthly", "pro-yearly", "lifetime"] as const;
export type PlanId = (typeof PLAN_IDS)[number];

export const PACK_IDS = ["basic", "standard", "premium", "enterprise"] as const;
export type PackId = (typeof PACK_IDS)[number];

export interface Plan {
  readonly id: PlanId;
  readonly priceCents: number;
  readonly interval: "month" | "year" | "once" | null;
  readonly creditsPerMonth: number;
}

export interface Pack {
  readonly id: PackId;
  readonly priceCents: number;
  readonly credits: number;
  /** Days from the purchase to the expiry; null: never. */
  readonly expireDays: number | null;
  readonly popular: boolean;
}

export const CURRENCY = "usd";

export const PLANS: Readonly<Record<PlanId, Plan>> = {
  free: { id: "free", priceCents: 0, interval: null, creditsPerMonth: 50 },
  "pro-monthly": { id: "pro-monthly", priceCents: 990, interval: "month", creditsPerMonth: 1000 },
  "pro-yearly": { id: "pro-yearly", priceCents: 9900, interval: "year", creditsPerMonth: 1000 },
  lifetime: { id: "lifetime", priceCents: 19900, interval: "once", creditsPerMonth: 1000 },
};

export const PACKS: Readonly<Record<PackId, Pack>> = {
  basic: { id: "basic", priceCents: 990, credits: 100, expireDays: 365, popular: false },
  standard: { id: "standard", priceCents: 1490, credits: 200, expireDays: 365, popular: true },
  premium: { id: "premium", priceCents: 3490, credits: 500, expireDays: 365, popular: false },
  enterprise: {
    id: "enterprise",
    priceCents: 5990,
    credits: 1000,
    expireDays: 365,
    popular: false,
  },
};

/** Granted once at sign-up, in addition to the first free month. */
export const SIGN_UP_GIFT = { credits: 70, expireDays: 30 } as const;

/** The reward of a daily sign-in. When several milestones match a day, the largest one applies. */
export const DAILY_SIGN_IN = {
  credits: 5,
  milestones: [
    { everyDays: 7, credits: 20 },
    { everyDays: 30, credits: 50 },
  ],
  expireDays: 30,
} as const;

/**
 * How long a monthly allotment outlives the next one's due time, so that the balance is not zero
 * while the distribution or the charge runs.
 */
export const ALLOTMENT_GRACE_HOURS = 48;

/** The price of each feature, in credits. */
export const FEATURE_COSTS = { "bazi-reading": 10 } as const;

/** How long a hold for work in progress lasts before it lapses. */
export const HOLD_MINUTES = 10;
