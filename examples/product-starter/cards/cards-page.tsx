import { getTranslations } from "next-intl/server";
import { getFeature } from "@/catalog/items";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { formatCreditAmount } from "@/lib/formats";
import type { ProductPage } from "@/product/page";
import { CardForm } from "./card-form";
import { listCards } from "./cards";

/** The form, and the user's cards. */
export const cardsPage: ProductPage = {
  async title({ locale }) {
    const t = await getTranslations({ locale, namespace: "cards" });
    return t("title");
  },
  async render({ userId, locale }) {
    const t = await getTranslations("cards");
    const common = await getTranslations("common");
    const cards = await listCards(db, userId);
    const amount = getFeature("greeting-card").cost;
    const amountText = formatCreditAmount(amount, locale);
    return (
      <>
        <PageHeader title={t("title")} description={t("description")} />
        <div className="grid gap-10">
          <CardForm cost={common("credits", { amount, amountText })} />
          {cards.length === 0 && <EmptyState title={t("empty")} />}
          <ul className="grid gap-4 sm:grid-cols-2">
            {cards.map((card) => (
              <li key={card.id} id={card.id} className="rounded-lg border bg-card p-8 text-center">
                {card.greeting}
              </li>
            ))}
          </ul>
        </div>
      </>
    );
  },
};
