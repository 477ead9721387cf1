import type { ComponentType } from "react";
import type { Texts } from "@/catalog/define-catalog";
import type { Executor, Transaction } from "@/db/client";
import type { Locale } from "@/lib/locales";

/**
 * What a product provides in addition to its pages. The rest of the site knows the product only through this
 * type. `current.ts` registers the product that is sold.
 */
export interface Product {
  /** The catalogue id of the main feature. The site measures balances by its cost: "enough for 3". */
  readonly feature: string;
  /** The page where a user starts. Buttons and emails link to it. */
  readonly startHref: `/${string}`;
  /** Its public pages for search engines, if it has any. */
  readonly publicPaths: readonly `/${string}`[];
  /** Entries in the navigation of the signed-in app. */
  readonly navigation: readonly ProductLink[];
  /**
   * How the ledger links to what was charged. The key is the part of a source before the colon, so
   * `card` describes `card:<id>`.
   */
  readonly sources: Readonly<Record<string, ProductSource>>;
  /**
   * What was charged, by source (`card:<id>`), in a few words: "For Ada, blue". A result that was deleted
   * since is left out; the ledger then does not link to it. Without it, the ledger names the feature only.
   */
  describeSources?(
    db: Executor,
    options: { userId: string; sources: readonly string[]; locale: Locale },
  ): Promise<ReadonlyMap<string, string>>;
  /** Its words. English defines the keys. */
  readonly messages: Readonly<Record<Locale, ProductMessages>>;
  /**
   * Creates what every user has. Runs in the sign-up transaction, and again for users whose sign-up
   * was interrupted: keep existing rows unchanged.
   */
  createRecords(tx: Transaction, options: { userId: string; now: Date }): Promise<void>;
  /** Everything the product stores about a user, by name. A long list is exported page by page. */
  exportRecords(db: Executor, userId: string): Readonly<Record<string, ExportPart>>;
  /** Deletes everything the product stores about a user. Runs in the deletion's transaction. */
  eraseRecords(tx: Transaction, userId: string): Promise<void>;
}

/** A JSON value, or the pages of a list. Nothing is read before the part is written. */
export type ExportPart = (() => Promise<unknown>) | AsyncIterable<readonly unknown[]>;

export interface ProductLink {
  readonly href: `/${string}`;
  readonly label: Texts;
}

export interface ProductSource {
  /** The catalogue id of the feature that was charged. The ledger shows its name. */
  readonly feature: string;
  /** The page of what was charged, from the part of the source after the colon, already escaped. */
  readonly href: (id: string) => `/${string}`;
  readonly label: Texts;
}

/** What a product shows on pages of the site. The components run on the server. */
export interface ProductComponents {
  /** Shown next to the headline of the landing page. */
  readonly LandingFigure: ComponentType;
  /** The part of the landing page that describes the product. */
  readonly LandingSection: ComponentType;
}

/** A card of the product on the dashboard, below the balance; null for none. */
export type DashboardCard = ComponentType<{ userId: string }> | null;

/**
 * Messages by namespace. A product adds namespaces of its own. Those for its pages are sent to the
 * browser; `landing` is not.
 */
export interface ProductMessages {
  /** Sentences about the product in pages, emails and legal texts of the site. */
  readonly product: SiteTexts;
  /** One sentence for the code of each of the product's errors; joined with the site's. */
  readonly errors: Readonly<Record<string, string>>;
  readonly [namespace: string]: object;
}

interface SiteTexts {
  /** Title and description of the site, for search engines and shared links. */
  readonly title: string;
  readonly description: string;
  /** Headline and first paragraph of the landing page. */
  readonly headline: string;
  readonly introduction: string;
  /** The label of buttons that link to `startHref`. */
  readonly start: string;
  /** A sentence with the cost of the main feature: `{cost}`. */
  readonly price: string;
  /** How often a balance suffices for the main feature: `{uses}`, also 0. */
  readonly enough: string;
  /** The same for a plan's monthly credits. */
  readonly usesPerMonth: string;
  /** Headline above sign-up: `{uses}` that the credits at the start suffice for. */
  readonly gift: string;
  /** First paragraph of the pricing page: `{cost}`. */
  readonly pricing: string;
  /** A sentence in the footer of every page. */
  readonly disclaimer: string;
  readonly terms: {
    /** What the service does and what it does not promise. */
    readonly service: string;
    /** What users may enter. */
    readonly content: string;
  };
  readonly privacy: {
    /** What is stored about a user. */
    readonly stored: string;
    /** What is stored in the browser. */
    readonly browser: string;
  };
}
