import type { ReactNode } from "react";
import type { Locale } from "@/lib/locales";

/** What a page of the product knows about its request. The site has checked the session. */
export interface ProductPageProps {
  readonly userId: string;
  readonly locale: Locale;
  /** The dynamic segments of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly searchParams: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * A page of the product for signed-in users. A file in `src/app/[locale]/(app)/(product)` gives it
 * its path.
 */
export interface ProductPage {
  /** The title of the browser's tab, in the reader's language. */
  title(props: ProductPageProps): Promise<string>;
  /** Renders the content. Call `notFound` from next/navigation if there is none. */
  render(props: ProductPageProps): Promise<ReactNode>;
}
