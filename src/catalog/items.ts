// Not "./catalog": the tests replace the catalogue by this path.
import { catalog } from "@/catalog/catalog";
import type { Locale } from "@/lib/locales";
import {
  type Feature,
  INTERVALS,
  type Interval,
  type Pack,
  type Plan,
  type Trial,
} from "./define-catalog";
import { type RateCard, typicalCostOf } from "./rate-card";

interface Sold {
  /** What clients send and payments store: `pro-monthly`, `lifetime`, `pack-basic`. */
  readonly id: string;
  /** Minor units by currency. */
  readonly amounts: Readonly<Record<string, number>>;
}

interface SoldPlan extends Sold {
  readonly planId: string;
  readonly tier: number;
  readonly creditsPerMonth: number;
  /** Null: today's default of the catalogue. */
  readonly graceHours: number | null;
}

/** A plan that is paid every month or year. */
export interface SubscriptionItem extends SoldPlan {
  readonly kind: "subscription";
  readonly interval: "month" | "year";
  readonly trial: Trial | null;
}

/** A plan that is paid once and grants every month without an end. */
export interface LifetimeItem extends SoldPlan {
  readonly kind: "lifetime";
  readonly interval: "once";
}

export interface PackItem extends Sold {
  readonly kind: "pack";
  readonly interval: null;
  readonly packId: string;
  readonly credits: number;
  /** Days from the grant until the remainder expires; null means never. */
  readonly expireDays: number | null;
  readonly popular: boolean;
}

export type PlanItem = SubscriptionItem | LifetimeItem;
export type Item = PlanItem | PackItem;

/** Everything that can be bought, in the catalogue's order. */
export const ITEMS: readonly Item[] = [
  ...catalog.plans.flatMap((plan) => itemsOfPlan(plan)),
  ...catalog.packs.map(packItem),
];

/** The currencies that every price has, lower case, the catalogue's default first. */
export const CURRENCIES: readonly string[] = [
  ...new Set([catalog.currency, ...ITEMS.flatMap(({ amounts }) => Object.keys(amounts))]),
];

/** Whether a plan of today's catalogue begins with a trial. */
export const HAS_TRIAL = catalog.plans.some(({ trial }) => trial !== undefined);

/** How a plan is sold: by the month, by the year, or once. The free plan is not sold. */
export function itemsOfPlan(plan: Plan): PlanItem[] {
  return INTERVALS.flatMap((interval) => {
    const amounts = plan.prices?.[interval];
    return amounts === undefined ? [] : [planItem(plan, interval, amounts)];
  });
}

/** How long a plan's allotments outlive the next one's due time, in hours. */
export function graceHoursOf({
  graceHours,
}: {
  readonly graceHours?: number | null | undefined;
}): number {
  return graceHours ?? catalog.allotmentGraceHours;
}

/** The hours of all plans: `48`, or `24–72` if they differ. */
export function graceHoursOfAll(): string {
  const hours = catalog.plans.map(graceHoursOf);
  const [least, most] = [Math.min(...hours), Math.max(...hours)];
  return least === most ? `${least}` : `${least}–${most}`;
}

/** The months that one payment of a subscription pays for. */
export function monthsPaid({ interval }: SubscriptionItem): 1 | 12 {
  return interval === "year" ? 12 : 1;
}

/** What a year saves over twelve months, in minor units; null unless the plan has both prices. */
export function yearlySaving(plan: Plan, currency: string): number | null {
  const month = plan.prices?.month?.[currency];
  const year = plan.prices?.year?.[currency];
  return month === undefined || year === undefined ? null : 12 * month - year;
}

function planItem(plan: Plan, interval: Interval, amounts: Sold["amounts"]): PlanItem {
  const { id: planId, tier, creditsPerMonth, graceHours = null, trial = null } = plan;
  const shared = { planId, tier, creditsPerMonth, graceHours, amounts };
  if (interval === "once") return { kind: "lifetime", id: planId, interval, ...shared };
  const id = `${planId}-${interval === "month" ? "monthly" : "yearly"}`;
  return { kind: "subscription", id, interval, trial, ...shared };
}

function packItem({ id, credits, expireDays, popular, price }: Pack): PackItem {
  return {
    kind: "pack",
    interval: null,
    id: `pack-${id}`,
    packId: id,
    credits,
    expireDays,
    popular,
    amounts: price,
  };
}

/** Today's packs. */
export function listPacks(): PackItem[] {
  return ITEMS.filter((item) => item.kind === "pack");
}

/** An item of today's catalogue, or null. */
export function findItem(id: string | null | undefined): Item | null {
  return ITEMS.find((item) => item.id === id) ?? null;
}

/** Whether an item id, current or former, names a pack. No plan's id begins like a pack's. */
export function isPackItem(id: string): boolean {
  return id.startsWith("pack-");
}

/** A plan of today's catalogue, or null. */
export function findPlan(id: string | null | undefined): Plan | null {
  return catalog.plans.find((plan) => plan.id === id) ?? null;
}

const NAMES_WITH_INTERVAL: Record<"month" | "year", Record<Locale, (plan: string) => string>> = {
  month: { en: (plan) => `${plan}, monthly`, "zh-CN": (plan) => `${plan}（月付）` },
  year: { en: (plan) => `${plan}, yearly`, "zh-CN": (plan) => `${plan}（年付）` },
};

/** The name of an item or of the free plan; the id if the catalogue no longer has it. */
export function itemName(id: string, locale: Locale): string {
  const item = findItem(id);
  if (item?.kind === "pack") {
    return catalog.packs.find((pack) => pack.id === item.packId)?.name[locale] ?? id;
  }
  const plan = planName(item?.planId ?? id, locale);
  return item?.kind === "subscription" ? NAMES_WITH_INTERVAL[item.interval][locale](plan) : plan;
}

/** The name of a plan, or of the plan that an item belongs to, without its interval. */
export function planName(id: string, locale: Locale): string {
  const item = findItem(id);
  const planId = item === null || item.kind === "pack" ? id : item.planId;
  return findPlan(planId)?.name[locale] ?? id;
}

export interface PaidFeature extends Omit<Feature, "cost"> {
  /** The credits of one use; with a rate card, of a typical one. */
  readonly cost: number;
  /** Prices the units used. Null: the cost is fixed. */
  readonly rateCard: RateCard | null;
}

/** A paid feature of the catalogue. Throws for an unknown id. */
export function getFeature(id: string): PaidFeature {
  const found = findFeature(id);
  if (found === null) throw new Error(`The catalogue has no feature "${id}".`);
  return found;
}

/** A paid feature of the catalogue, or null. */
export function findFeature(id: string): PaidFeature | null {
  const found = Object.hasOwn(catalog.features, id) ? catalog.features[id] : undefined;
  if (found === undefined) return null;
  const { cost, ...feature } = found;
  return typeof cost === "number"
    ? { ...feature, cost, rateCard: null }
    : { ...feature, cost: typicalCostOf(cost), rateCard: cost };
}
