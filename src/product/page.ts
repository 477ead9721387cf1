import type { ReactNode } from "react";
import type { Locale } from "@/lib/locales";

/** What a page of the product knows about its request. The site has checked the session. */
export interface ProductPageProps {
  readonly userId: string;
  readonly locale: Locale;
  /** The dynamic segments of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly searchParams: Readonly<Record<string, string | string[] | undefined>>;
  /**
   * What a user with too few credits can do: packs with prices, today's claim, the next credits. It reads
   * only where it is rendered. Show it in a dialog.
   */
  readonly topUp: ReactNode;
}

/** What a public page of the product knows about its request. */
export type PublicProductPageProps = Omit<ProductPageProps, "userId" | "topUp">;

/**
 * A page of the product for everybody. A file in `src/app/[locale]/(marketing)/(product)` gives it its
 * path.
 */
export interface PublicProductPage {
  metadata(props: PublicProductPageProps): Promise<PublicProductMetadata>;
  /** Renders the content. Call `notFound` from next/navigation if there is none. */
  render(props: PublicProductPageProps): Promise<ReactNode>;
}

export interface PublicProductMetadata {
  readonly title: string;
  readonly description?: string;
  /** The path without the language, for search engines; null for a page that they must not list. */
  readonly canonicalPath: `/${string}` | null;
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
