import type { Metadata } from "next";
import { useLocale, useTranslations } from "next-intl";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { alternates } from "@/app/[locale]/alternates";
import { ByCurrency } from "@/app/currency/by-currency";
import { catalog } from "@/catalog/catalog";
import { CURRENCIES, getFeature, HAS_TRIAL, itemsOfPlan, listPacks } from "@/catalog/items";
import { Money } from "@/components/money";
import { PlainLinkButton } from "@/components/ui/plain-link-button";
import { useCreditsText } from "@/components/use-credits-text";
import { formatMoney } from "@/lib/formats";
import { isLocale, localeOf } from "@/lib/locales";
import { REMIND_BEFORE_DAYS } from "@/notifications/notice";
import { product } from "@/product/current";
import { productComponents } from "@/product/current-components";
import { SpecimenStatement } from "./specimen-statement";

const { LandingFigure, LandingSection } = productComponents;

const LEDGER_POINTS = ["hold", "expiry", "export"] as const;

interface Props {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: "product" });
  return { title: { absolute: t("title") }, alternates: alternates(locale, "/") };
}

export default async function HomePage({ params }: Props) {
  const { locale } = await params;
  setRequestLocale(localeOf(locale));
  return (
    <div className="mx-auto max-w-6xl px-4 sm:px-6">
      <Hero />
      <LandingSection />
      <Ledger />
      <Plans />
      <Closing />
    </div>
  );
}

function Hero() {
  const t = useTranslations("marketing.hero");
  const words = useTranslations("product");
  const credits = useCreditsText();
  return (
    <section className="grid items-center gap-12 py-14 sm:py-20 lg:grid-cols-[1fr_minmax(0,30rem)] lg:gap-16">
      <div className="grid justify-items-start gap-6">
        <h1 className="font-heading text-4xl sm:text-5xl lg:text-[3.5rem] lg:leading-[1.12]">
          {words("headline")}
        </h1>
        <p className="max-w-[34em] text-lg text-muted-foreground">{words("introduction")}</p>
        <div className="flex flex-wrap gap-3">
          <PlainLinkButton href="/sign-up" variant="primary" size="lg">
            {t("action", {
              credits: credits(catalog.signUpGift.credits + catalog.freePlan.creditsPerMonth),
            })}
          </PlainLinkButton>
          <PlainLinkButton href="/pricing" size="lg">
            {t("secondary")}
          </PlainLinkButton>
        </div>
        <p className="text-muted-foreground text-sm">
          {t("note", {
            price: words("price", { cost: credits(getFeature(product.feature).cost) }),
          })}
        </p>
      </div>
      <LandingFigure />
    </section>
  );
}

function Ledger() {
  const t = useTranslations("marketing.ledger");
  return (
    <section className="grid items-center gap-10 border-t py-16 sm:py-20 lg:grid-cols-[minmax(0,30rem)_1fr] lg:gap-16">
      <div className="lg:order-last">
        <h2 className="font-heading text-3xl">{t("title")}</h2>
        <p className="mt-3 text-muted-foreground">{t("text")}</p>
        <ul className="mt-6 grid gap-4 text-sm">
          {LEDGER_POINTS.map((point) => (
            <li key={point} className="border-foreground/70 border-s-2 ps-4">
              {t(`points.${point}`, { remindDays: REMIND_BEFORE_DAYS })}
            </li>
          ))}
        </ul>
      </div>
      <SpecimenStatement />
    </section>
  );
}

function Plans() {
  const t = useTranslations("marketing.plans");
  const locale = useLocale();
  const credits = useCreditsText();
  const priceIn = (currency: string, amounts: Readonly<Record<string, number>>) =>
    formatMoney(amounts[currency] ?? 0, currency, locale);
  const gift = credits(catalog.signUpGift.credits);
  const plans = catalog.plans.map((plan) => {
    const [item, other] = itemsOfPlan(plan);
    const every = item?.interval ?? "month";
    const per = (currency: string) =>
      every === "month" && other?.interval === "year"
        ? t("perMonthOrYear", { price: priceIn(currency, other.amounts) })
        : t(`per.${every}`);
    return { plan, item, per };
  });
  const [smallestPack] = listPacks();
  return (
    <section className="border-t py-16 sm:py-20">
      <h2 className="font-heading text-3xl">{t("title")}</h2>
      <p className="mt-3 max-w-[38em] text-muted-foreground">{t("text")}</p>
      <div className="mt-10 grid divide-y rounded-lg border bg-card shadow-sheet sm:auto-cols-fr sm:grid-flow-col sm:divide-x sm:divide-y-0">
        {plans.map(({ plan, item, per }) => (
          <div key={plan.id} className="grid content-start gap-2 p-6">
            <h3 className="font-medium">{plan.name[locale]}</h3>
            <p className="flex flex-wrap items-baseline gap-x-2">
              <ByCurrency currencies={CURRENCIES}>
                {(currency) => (
                  <>
                    <Money
                      amountCents={item?.amounts[currency] ?? 0}
                      currency={currency}
                      className="font-medium text-2xl tracking-tight"
                    />
                    <span className="text-muted-foreground text-sm">{per(currency)}</span>
                  </>
                )}
              </ByCurrency>
            </p>
            <p className="text-muted-foreground text-sm">
              {t(`texts.${item?.kind ?? "free"}`, {
                credits: credits(plan.creditsPerMonth),
                gift,
              })}
            </p>
          </div>
        ))}
      </div>
      <p className="mt-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 text-muted-foreground text-sm">
        {smallestPack !== undefined && (
          <ByCurrency currencies={CURRENCIES}>
            {(currency) =>
              t("packs", {
                price: priceIn(currency, smallestPack.amounts),
                credits: credits(smallestPack.credits),
              })
            }
          </ByCurrency>
        )}
        <PlainLinkButton href="/pricing" variant="link">
          {t("all")}
        </PlainLinkButton>
      </p>
    </section>
  );
}

function Closing() {
  const t = useTranslations("marketing.closing");
  const words = useTranslations("product");
  const credits = useCreditsText();
  const start = catalog.signUpGift.credits + catalog.freePlan.creditsPerMonth;
  return (
    <section className="grid justify-items-start gap-4 border-t py-16 sm:py-24">
      <h2 className="font-heading text-3xl">
        {words("gift", { uses: Math.floor(start / getFeature(product.feature).cost) })}
      </h2>
      <p className="max-w-[38em] text-muted-foreground">
        {t("text", {
          gift: credits(catalog.signUpGift.credits),
          giftDays: catalog.signUpGift.expireDays,
          monthly: credits(catalog.freePlan.creditsPerMonth),
          hasTrial: HAS_TRIAL ? "yes" : "no",
        })}
      </p>
      <PlainLinkButton href="/sign-up" size="lg" className="mt-2">
        {t("action")}
      </PlainLinkButton>
    </section>
  );
}
