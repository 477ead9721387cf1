import type { Texts } from "@/catalog/define-catalog";
import type { Executor, Transaction } from "@/db/client";

/**
 * What a product brings besides its pages. The rest of the site knows the product only through this
 * type. `current.ts` registers the product that is sold.
 */
export interface Product {
  /** The catalogue id of the main feature. The site measures balances by its cost: "enough for 3". */
  readonly feature: string;
  /** The page where a user starts. Buttons and emails link to it. */
  readonly startHref: `/${string}`;
  /** Entries in the navigation of the signed-in app. */
  readonly navigation: readonly ProductLink[];
  /**
   * How the ledger links to what was charged. The key is the part of a source before the colon, so
   * `reading` describes `reading:<id>`.
   */
  readonly sources: Readonly<Record<string, ProductSource>>;
  /**
   * Creates what every user has. Runs in the sign-up transaction, and again for users whose sign-up
   * was interrupted: keep existing rows unchanged.
   */
  createRecords(tx: Transaction, options: { userId: string; now: Date }): Promise<void>;
  /** Returns everything the product stores about a user, as JSON values. */
  exportRecords(db: Executor, userId: string): Promise<Readonly<Record<string, unknown>>>;
  /** Permanently deletes everything the product stores about a user. Runs in the deletion's transaction. */
  eraseRecords(tx: Transaction, userId: string): Promise<void>;
}

export interface ProductLink {
  readonly href: `/${string}`;
  readonly label: Texts;
}

export interface ProductSource {
  /** The page of what was charged, from the part of the source after the colon. */
  readonly href: (id: string) => `/${string}`;
  readonly label: Texts;
}
