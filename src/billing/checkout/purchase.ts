import type { Locale } from "@/lib/locales";
import type { Item } from "../catalog";

/** What somebody wants to buy. */
export interface Purchase {
  readonly userId: string;
  readonly item: Item;
  /** The language of Stripe's page. */
  readonly locale: Locale;
  readonly now: Date;
}
