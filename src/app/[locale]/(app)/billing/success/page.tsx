import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import type { SearchParams } from "nuqs/server";
import { createLoader, parseAsString } from "nuqs/server";
import { requireUserPage } from "@/accounts/session";
import { ITEMS, itemName } from "@/catalog/items";
import { product } from "@/product/current";
import { CheckoutProgress } from "./checkout-progress";

const loadParameters = createLoader({ session_id: parseAsString.withDefault("") });

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("billing.success");
  return { title: t("title") };
}

/** Stripe redirects here after a payment. The redirect proves nothing, so the page polls the status. */
export default async function CheckoutSuccessPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>;
}) {
  const user = await requireUserPage();
  const locale = await getLocale();
  const { session_id: sessionId } = await loadParameters(searchParams);
  return (
    <CheckoutProgress
      sessionId={sessionId}
      userId={user.id}
      startHref={product.startHref}
      itemNames={Object.fromEntries(ITEMS.map(({ id }) => [id, itemName(id, locale)]))}
    />
  );
}
