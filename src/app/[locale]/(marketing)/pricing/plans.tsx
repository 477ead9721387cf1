import { millisecondsInDay } from "date-fns/constants";
import { useLocale, useTranslations } from "next-intl";
import { ByCurrency } from "@/app/currency/by-currency";
import { BuyButton } from "@/app/purchase/checkout";
import { useCheckoutTexts } from "@/app/purchase/checkout-texts";
import { catalog } from "@/catalog/catalog";
import type { Plan, Trial } from "@/catalog/define-catalog";
import {
  CURRENCIES,
  getFeature,
  graceHoursOf,
  ITEMS,
  itemsOfPlan,
  type PlanItem,
  type SubscriptionItem,
  yearlySaving,
} from "@/catalog/items";
import { Credits } from "@/components/credits";
import { Money } from "@/components/money";
import { Badge } from "@/components/ui/badge";
import { buttonVariants } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { PlainLinkButton } from "@/components/ui/plain-link-button";
import { StaticIcon } from "@/components/ui/static-icon";
import { useCreditsText } from "@/components/use-credits-text";
import { currencyName, FORMAT_LOCALES, formatMoney } from "@/lib/formats";
import { product } from "@/product/current";
import { IfCurrentPlan, PlanAction, PlanChoice } from "./plan-choice";
import { ByTrialUsed, TrialTerms } from "./trial-offer";

/** The plans of the catalogue, and the saving of a year over twelve months. */
export function Plans() {
  const t = useTranslations("pricing");
  const locale = useLocale();
  return (
    <PlanChoice
      heading={
        <h2 id="plans" className="font-heading text-2xl">
          {t("plans")}
        </h2>
      }
      texts={{
        label: t("interval.label"),
        month: t("interval.month"),
        year: t("interval.year"),
        saving: catalog.plans.some(hasYearlySaving) && <YearlySaving />,
      }}
      boundNotes={
        CURRENCIES.length === 1
          ? {}
          : Object.fromEntries(
              CURRENCIES.map((currency) => [
                currency,
                t("currency.bound", { currency: currencyName(currency, locale) }),
              ]),
            )
      }
      plans={catalog.plans.map((plan) => cardsOf(plan))}
      yearlyItems={ITEMS.filter((item) => item.interval === "year").map(({ id }) => id)}
    />
  );
}

function hasYearlySaving(plan: Plan): boolean {
  return yearlySaving(plan, catalog.currency) !== null;
}

/** The most that a year saves over twelve months. */
function YearlySaving() {
  const t = useTranslations("pricing.interval");
  const locale = useLocale();
  return (
    <ByCurrency currencies={CURRENCIES}>
      {(currency) => {
        const savings = catalog.plans.flatMap((plan) => yearlySaving(plan, currency) ?? []);
        const amount = formatMoney(Math.max(0, ...savings), currency, locale);
        return t(savings.length === 1 ? "saving" : "savingUpTo", { amount });
      }}
    </ByCurrency>
  );
}

function cardsOf(plan: Plan) {
  const items = itemsOfPlan(plan);
  const card = (interval: PlanItem["interval"]) => {
    const item = items.find((one) => one.interval === interval);
    return item && <PlanCard key={interval} plan={plan} item={item} />;
  };
  return {
    planId: plan.id,
    month: card("month"),
    year: card("year"),
    fixed: items.length === 0 ? <PlanCard plan={plan} item={null} /> : card("once"),
  };
}

/** `item` is null for the free plan. */
function PlanCard({ plan, item }: { plan: Plan; item: PlanItem | null }) {
  const t = useTranslations("pricing");
  const words = useTranslations("product");
  const isSubscription = item?.kind === "subscription";
  const id = item?.id ?? plan.id;
  return (
    <article
      className={cn(
        "grid content-start gap-5 rounded-lg border bg-card p-6 shadow-sheet",
        isSubscription && "border-foreground/70",
      )}
    >
      <header className="flex min-h-6 items-center justify-between gap-2">
        <h3 className="font-medium">{plan.name[useLocale()]}</h3>
        <IfCurrentPlan item={id}>
          <Badge tone="strong">{t("current")}</Badge>
        </IfCurrentPlan>
      </header>
      <p className="flex flex-wrap items-baseline gap-x-2">
        <ByCurrency currencies={CURRENCIES}>
          {(currency) => (
            <Money
              amountCents={item?.amounts[currency] ?? 0}
              currency={currency}
              className="font-medium text-4xl tracking-tight"
            />
          )}
        </ByCurrency>
        <span className="text-muted-foreground text-sm">
          {t(`per.${item?.interval ?? "free"}`)}
        </span>
      </p>
      <p className="border-y py-3">
        <span className="font-medium">
          {t.rich("creditsPerMonth", {
            amount: () => <Credits amount={plan.creditsPerMonth} />,
          })}
        </span>
        <span className="block text-muted-foreground text-sm">
          {words("usesPerMonth", {
            uses: Math.floor(plan.creditsPerMonth / getFeature(product.feature).cost),
          })}
        </span>
      </p>
      <PlanPoints plan={plan} interval={item?.interval ?? "free"} />
      <PlanAction
        item={id}
        kind={item?.kind ?? "free"}
        buy={<BuyPlan plan={plan} item={item} />}
        manage={<PlainLinkButton href="/billing">{t("manage")}</PlainLinkButton>}
        inside={<PlainLinkButton href="/dashboard">{t("goToDashboard")}</PlainLinkButton>}
      />
    </article>
  );
}

function BuyPlan({ plan, item }: { plan: Plan; item: PlanItem | null }) {
  const t = useTranslations("pricing.buy");
  const name = plan.name[useLocale()];
  const texts = useCheckoutTexts();
  if (item === null) {
    return <PlainLinkButton href="/sign-up">{t("free")}</PlainLinkButton>;
  }
  const isSubscription = item.kind === "subscription";
  const button = (
    <BuyButton
      item={item.id}
      currencies={CURRENCIES}
      texts={texts}
      className={buttonVariants({ variant: isSubscription ? "primary" : "secondary" })}
    >
      {t(isSubscription ? "subscription" : "lifetime", { name })}
    </BuyButton>
  );
  if (!isSubscription || item.trial === null) return button;
  return <ByTrialUsed offer={<StartTrial item={item} trial={item.trial} />} used={button} />;
}

/** The button that starts a trial, and the terms that the law requires beside it. */
function StartTrial({ item, trial: { days, credits } }: { item: SubscriptionItem; trial: Trial }) {
  const t = useTranslations("pricing.trial");
  const locale = useLocale();
  const texts = useCheckoutTexts();
  const trialCredits = useCreditsText()(credits);
  const { interval } = item;
  const termsIn = (currency: string) => ({
    days,
    credits: trialCredits,
    price: formatMoney(item.amounts[currency] ?? 0, currency, locale),
  });
  return (
    <div className="grid gap-2">
      <BuyButton
        item={item.id}
        currencies={CURRENCIES}
        texts={texts}
        className={cn(buttonVariants({ variant: "primary" }), WRAPPING)}
      >
        <ByCurrency currencies={CURRENCIES}>
          {(currency) => t(`button.${interval}`, termsIn(currency))}
        </ByCurrency>
      </BuyButton>
      <p className="text-muted-foreground text-xs">
        <ByCurrency currencies={CURRENCIES}>
          {(currency) => (
            <TrialTerms
              durationMs={days * millisecondsInDay}
              dateLocale={FORMAT_LOCALES[locale]}
              texts={{
                dated: t(`dated.${interval}`, { ...termsIn(currency), date: "<date>" }),
                undated: t(`undated.${interval}`, termsIn(currency)),
              }}
            />
          )}
        </ByCurrency>
      </p>
    </div>
  );
}

/** For a button whose text may need two lines. */
const WRAPPING = "h-auto min-h-10 whitespace-normal py-2";

/** What follows from the interval, then the catalogue's selling points. */
function PlanPoints({ plan, interval }: { plan: Plan; interval: PlanItem["interval"] | "free" }) {
  const t = useTranslations("pricing.points");
  const locale = useLocale();
  const credits = useCreditsText();
  const figures = {
    graceHours: graceHoursOf(plan),
    gift: credits(catalog.signUpGift.credits),
    giftDays: catalog.signUpGift.expireDays,
  };
  const rules =
    interval === "free"
      ? [t("free.allotment", figures), t("free.gift", figures), t("free.card")]
      : [t(`${interval}.allotment`, figures), t(`${interval}.cancel`)];
  const points = [...rules, ...plan.points.map((point) => point[locale])];
  return (
    <ul className="grid content-start gap-2.5 text-sm lg:min-h-36">
      {points.map((point) => (
        <li key={point} className="flex gap-2.5">
          <StaticIcon name="check" className="mt-1 size-3.5 shrink-0 text-muted-foreground" />
          {point}
        </li>
      ))}
    </ul>
  );
}
