import type { Metadata } from "next";
import { useLocale, useTranslations } from "next-intl";
import { getLocale, getTranslations, setRequestLocale } from "next-intl/server";
import { ByViewer } from "@/app/[locale]/(marketing)/viewer";
import { alternates } from "@/app/[locale]/alternates";
import { useCheckoutTexts } from "@/app/purchase/checkout-texts";
import { PackTable } from "@/app/purchase/pack-table";
import { usePackValidity } from "@/app/purchase/use-pack-validity";
import { ViewerBalance } from "@/app/purchase/viewer-debt";
import { CURRENCIES, getFeature } from "@/catalog/items";
import { Alert } from "@/components/ui/alert";
import { env } from "@/env";
import { FORMAT_LOCALES, formatCreditAmount, joinWithOr, SENTENCE_GAP } from "@/lib/formats";
import { isLocale } from "@/lib/locales";
import { product } from "@/product/current";
import { IfCheckoutCancelled, ResumePurchase } from "./checkout-notices";
import { CurrencyLine } from "./currency-line";
import { Faq } from "./faq";
import { Plans } from "./plans";

interface Props {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: "pricing.meta" });
  return {
    title: t("title"),
    description: t("description"),
    alternates: alternates(locale, "/pricing"),
  };
}

/** Static, with the prices of the catalogue. The browser marks the viewer's own plan. */
export default async function PricingPage({ params }: Props) {
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("pricing");
  const words = await getTranslations("product");
  const common = await getTranslations("common");
  const cost = getFeature(product.feature).cost;
  const costText = common("credits", {
    amount: cost,
    amountText: formatCreditAmount(cost, await getLocale()),
  });
  return (
    <div className="mx-auto max-w-6xl px-4 pb-20 sm:px-6">
      <header className="grid gap-3 pt-14 pb-10 sm:pt-20">
        <h1 className="font-heading text-4xl sm:text-5xl">{t("title")}</h1>
        <p className="max-w-[40em] text-lg text-muted-foreground">
          {words("pricing", { cost: costText })}
        </p>
        <CurrencyLine />
        <p className="text-sm">
          <ByViewer
            visitor={t("viewer.next")}
            member={
              <ViewerBalance
                text={t("viewer.balance", { amount: "<n>" })}
                numberLocale={FORMAT_LOCALES[await getLocale()]}
              />
            }
          />
        </p>
      </header>
      <Resume />
      <IfCheckoutCancelled>
        <Alert className="mb-8">{t("checkoutCancelled")}</Alert>
      </IfCheckoutCancelled>
      <Plans />
      <Packs />
      <Faq />
    </div>
  );
}

/** Names the wallets that the Stripe account offers, which take one-time payments only. */
function Wallets() {
  const t = useTranslations("pricing");
  const locale = useLocale();
  const names = env.STRIPE_WALLETS.map((wallet) => t(`wallets.${wallet}`));
  if (names.length === 0) return null;
  return SENTENCE_GAP[locale] + t("packs.wallets", { wallets: joinWithOr(names, locale) });
}

function Resume() {
  const t = useTranslations("pricing.buy");
  return (
    <ResumePurchase
      currencies={CURRENCIES}
      texts={useCheckoutTexts()}
      pendingNotice={<Alert className="mb-8">{t("pending")}</Alert>}
    />
  );
}

function Packs() {
  const t = useTranslations("pricing.packs");
  return (
    <section aria-labelledby="packs" className="pt-16 sm:pt-20">
      <h2 id="packs" className="scroll-mt-20 font-heading text-2xl">
        {t("title")}
      </h2>
      <p className="mt-2 mb-6 max-w-[40em] text-muted-foreground">
        {t("text", { packValidity: usePackValidity() })}
        <Wallets />
      </p>
      <div className="rounded-lg border bg-card px-5 py-4 shadow-sheet sm:px-6">
        <PackTable currencies={CURRENCIES} debt={null} />
      </div>
    </section>
  );
}
