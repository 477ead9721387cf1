import { millisecondsInMinute } from "date-fns/constants";
import { asc, desc, eq, inArray } from "drizzle-orm";
import type Stripe from "stripe";
import { findItem, type Item } from "@/catalog/items";
import type { Database } from "@/db/client";
import { catalogPrice } from "@/db/schema";
import { ItemUnavailable, UnknownTerms } from "../errors";
import { callStripe, isMissing } from "../stripe/call-stripe";
import { isSameOffer, itemOfRows, rowsOf, termsDigest } from "./terms";

/** Metadata on every object that `npm run stripe:setup` creates at Stripe. */
export const OUR_MARK = { app: "qiflow" } as const;

/** Foreign prices are looked up again after this time. */
const FOREIGN_MS = 10 * millisecondsInMinute;

/** The current price of an item. It has the catalogue's amount in every currency. */
export interface SoldPrice {
  readonly priceId: string;
}

/** A price that a variable of an earlier version names: `STRIPE_PRICE_LIFETIME=price_…`. */
export interface LegacyPrice {
  readonly priceId: string;
  readonly item: string;
}

/**
 * The prices at Stripe and the terms they are sold under. Terms are stored when a price is first seen
 * and never change, so a changed catalogue does not change what earlier buyers get. Whatever loads an
 * object from Stripe resolves its prices, so that a transaction can look them up without a call.
 */
export class Prices {
  private readonly items = new Map<string, Item>();
  /** Prices that are not ours, and until when that is not checked again (of `performance.now()`). */
  private readonly foreignUntil = new Map<string, number>();

  constructor(
    private readonly source: {
      readonly db: Database;
      readonly stripe: Stripe;
      readonly legacy: readonly LegacyPrice[];
      readonly clock: () => Date;
    },
  ) {}

  /**
   * Loads the terms of prices that are not known yet: from the database, or from Stripe if the price is
   * ours and new. One of our prices whose terms were never stored and are not today's counts as foreign
   * until they are stored. May call Stripe, so it must not run in a transaction.
   */
  async resolve(priceIds: readonly (string | null | undefined)[]): Promise<void> {
    const unresolved = [...new Set(priceIds)].filter((priceId) => this.isUnresolved(priceId));
    if (unresolved.length === 0) return;
    const rows = await this.source.db
      .select()
      .from(catalogPrice)
      .where(inArray(catalogPrice.priceId, unresolved));
    for (const priceId of unresolved) {
      const stored = itemOfRows(rows.filter((row) => row.priceId === priceId));
      const item = stored ?? (await this.storeFromStripe(priceId));
      if (item !== null) this.items.set(priceId, item);
    }
  }

  /**
   * The item of a resolved price under the terms it was sold; null if the price is not ours.
   * @throws if the price was not resolved before
   */
  itemOf(priceId: string | null | undefined): Item | null {
    if (!priceId) return null;
    const item = this.items.get(priceId);
    if (item === undefined && !this.foreignUntil.has(priceId)) {
      throw new Error(`Price ${priceId} was not resolved before it was looked up.`);
    }
    return item ?? null;
  }

  /**
   * The price that an item is sold at today.
   * @throws ItemUnavailable if no price at Stripe has the catalogue's terms and amounts
   */
  async priceOf(item: Item): Promise<SoldPrice> {
    const stored = await this.readOffers([item]);
    return stored.get(item.id) ?? this.findAtStripe(item);
  }

  /**
   * Stores the terms of every price that the catalogue or a variable of an earlier version names.
   * @throws the errors of all prices that failed, after adopting the others
   */
  async adoptAll(items: readonly Item[]): Promise<void> {
    const failures: unknown[] = [];
    const collect = (error: unknown) => failures.push(error);
    for (const { priceId } of this.source.legacy) await this.adoptLegacy(priceId).catch(collect);
    const stored = await this.readOffers(items);
    for (const item of items.filter(({ id }) => !stored.has(id))) {
      await this.findAtStripe(item).catch(collect);
    }
    if (failures.length > 0) throw new AggregateError(failures, "Prices could not be adopted.");
  }

  /**
   * The price at Stripe that has the item's lookup key now, stored or not. Stores the
   * currencies that were added to the price after it was stored.
   * @throws ItemUnavailable like `priceOf`
   */
  async findAtStripe(item: Item): Promise<SoldPrice> {
    const { data } = await callStripe(() =>
      this.source.stripe.prices.list({
        lookup_keys: [lookupKeyOf(item)],
        active: true,
        expand: ["data.currency_options"],
      }),
    );
    for (const price of data) {
      await this.resolve([price.id]);
      const stored = this.itemOf(price.id);
      const sold = stored && (await this.addCurrencies(price, stored));
      if (sold !== null && isSameOffer(sold, item)) return { priceId: price.id };
    }
    throw new ItemUnavailable(item.id);
  }

  /** Stores the currencies that were added to a known price at Stripe, under its stored terms. */
  private async addCurrencies(price: Stripe.Price, stored: Item): Promise<Item | null> {
    const added = Object.entries(amountsOf(price)).filter(([one]) => !(one in stored.amounts));
    if (added.length === 0) return stored;
    return this.store(price, { ...stored, amounts: Object.fromEntries(added) });
  }

  private async adoptLegacy(priceId: string): Promise<void> {
    await this.resolve([priceId]);
    if (this.itemOf(priceId) === null) throw new UnknownTerms(priceId);
  }

  private isUnresolved(priceId: string | null | undefined): priceId is string {
    if (!priceId || this.items.has(priceId)) return false;
    return performance.now() >= (this.foreignUntil.get(priceId) ?? 0);
  }

  /** The stored prices that sell these items at today's terms, by item. The latest version wins. */
  private async readOffers(items: readonly Item[]): Promise<Map<string, SoldPrice>> {
    const ids = items.map(({ id }) => id);
    const rows = await this.source.db
      .select()
      .from(catalogPrice)
      .where(inArray(catalogPrice.item, ids))
      .orderBy(asc(catalogPrice.version), desc(catalogPrice.priceId));
    const offers = new Map<string, SoldPrice>();
    for (const priceId of new Set(rows.map((row) => row.priceId))) {
      const sold = itemOfRows(rows.filter((row) => row.priceId === priceId));
      const today = items.find(({ id }) => id === sold?.id);
      if (sold === null || today === undefined || !isSameOffer(sold, today)) continue;
      offers.set(today.id, { priceId });
    }
    return offers;
  }

  /** Null if the price is not ours, or its terms are unknown. */
  private async storeFromStripe(priceId: string): Promise<Item | null> {
    const price = await this.retrieve(priceId);
    const legacy = this.source.legacy.find((one) => one.priceId === priceId);
    const isOurs = price?.metadata.app === OUR_MARK.app;
    if (price === null || (!isOurs && legacy === undefined)) {
      this.foreignUntil.set(priceId, performance.now() + FOREIGN_MS);
      return null;
    }
    const today = findItem(isOurs ? price.metadata.item : legacy?.item);
    // A price of an earlier version carries no digest: it was sold under the terms of its time.
    const isKnown =
      today !== null &&
      [undefined, termsDigest(today)].includes(price.metadata.terms) &&
      (price.recurring?.interval ?? "once") === (today.interval ?? "once");
    if (!isKnown) {
      this.foreignUntil.set(priceId, 0);
      return null;
    }
    return this.store(price, { ...today, amounts: amountsOf(price) });
  }

  /** Adds rows for the item's currencies and returns the item as stored, in all its currencies. */
  private async store({ id: priceId, metadata }: Stripe.Price, item: Item): Promise<Item | null> {
    const version = Number(metadata.version ?? 1);
    await this.source.db
      .insert(catalogPrice)
      .values(rowsOf({ priceId, version, item }, this.source.clock()))
      .onConflictDoNothing();
    // Another process may have stored it first.
    const rows = await this.source.db
      .select()
      .from(catalogPrice)
      .where(eq(catalogPrice.priceId, priceId));
    const stored = itemOfRows(rows);
    if (stored !== null) this.items.set(priceId, stored);
    return stored;
  }

  private async retrieve(priceId: string): Promise<Stripe.Price | null> {
    try {
      return await this.source.stripe.prices.retrieve(priceId, { expand: ["currency_options"] });
    } catch (error) {
      if (isMissing(error, "id") || isMissing(error, "price")) return null;
      throw error;
    }
  }
}

/** The lookup key of an item's current price at Stripe. */
export function lookupKeyOf({ id }: Item): string {
  return `qiflow_${id.replaceAll("-", "_")}`;
}

/** A price's amounts by currency, in minor units. */
export function amountsOf(price: Stripe.Price): Record<string, number> {
  const amounts = { [price.currency]: price.unit_amount ?? 0 };
  for (const [currency, option] of Object.entries(price.currency_options ?? {})) {
    amounts[currency] = option.unit_amount ?? 0;
  }
  return amounts;
}
