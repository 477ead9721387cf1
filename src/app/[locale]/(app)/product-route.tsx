import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { setRequestLocale } from "next-intl/server";
import { requireUserPage } from "@/accounts/session";
import { isLocale } from "@/lib/locales";
import type { ProductPage, ProductPageProps } from "@/product/page";
import { TopUp } from "./top-up";

interface RouteProps {
  params: Promise<Record<string, string>>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/**
 * Returns what Next.js expects of the file of a page. Visitors are redirected to the sign-in page.
 * Both functions check the session: Next.js calls them independently.
 */
export function productRoute(page: ProductPage) {
  return {
    async generateMetadata(route: RouteProps): Promise<Metadata> {
      return { title: await page.title(await propsOf(route)) };
    },
    async Page(route: RouteProps) {
      return page.render(await propsOf(route));
    },
  };
}

async function propsOf({ params, searchParams }: RouteProps): Promise<ProductPageProps> {
  const { locale, ...segments } = await params;
  if (!isLocale(locale)) notFound();
  setRequestLocale(locale);
  const user = await requireUserPage();
  return {
    userId: user.id,
    locale,
    params: segments,
    searchParams: await searchParams,
    topUp: <TopUp userId={user.id} timeZone={user.timeZone} />,
  };
}
