import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { setRequestLocale } from "next-intl/server";
import { alternates } from "@/app/[locale]/alternates";
import { ClientMessages } from "@/components/layout/client-messages";
import { isLocale } from "@/lib/locales";
import type { PublicProductPage, PublicProductPageProps } from "@/product/page";

interface RouteProps {
  params: Promise<Record<string, string>>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Returns what Next.js expects of the file of a public page. The browser gets the common messages. */
export function publicProductRoute(page: PublicProductPage) {
  return {
    async generateMetadata(route: RouteProps): Promise<Metadata> {
      const props = await propsOf(route);
      const { title, description, canonicalPath } = await page.metadata(props);
      return {
        title,
        ...(description !== undefined && { description }),
        ...(canonicalPath === null
          ? { robots: { index: false, follow: false } }
          : { alternates: alternates(props.locale, canonicalPath) }),
      };
    },
    async Page(route: RouteProps) {
      return (
        <ClientMessages namespaces={["common"]}>
          <div className="mx-auto w-full max-w-6xl px-4 py-10 sm:px-6 sm:py-14">
            {await page.render(await propsOf(route))}
          </div>
        </ClientMessages>
      );
    },
  };
}

async function propsOf({ params, searchParams }: RouteProps): Promise<PublicProductPageProps> {
  const { locale, ...segments } = await params;
  if (!isLocale(locale)) notFound();
  setRequestLocale(locale);
  return { locale, params: segments, searchParams: await searchParams };
}
