import { addMinutes } from "date-fns";
import { and, desc, eq, lte } from "drizzle-orm";
import { z } from "zod";
import { catalog } from "@/catalog/catalog";
import type { Item } from "@/catalog/items";
import type { Executor, Transaction } from "@/db/client";
import { supplyConsent } from "@/db/schema";
import { PageOutOfDate } from "@/lib/errors";
import type { Locale } from "@/lib/locales";
import { ConsentRequired } from "../errors";

/**
 * Counts the versions of the text that a buyer agrees to (`legal.consent.statement`). Raise it with every
 * change of the text; a test compares the two.
 */
export const SUPPLY_CONSENT_VERSION = 1;

export type StoredConsent = typeof supplyConsent.$inferSelect;

/** The consent as the browser sends it: the version of the text that it showed. */
export const consentVersion = z.int().optional();

export interface SupplyConsent {
  readonly version: number | undefined;
  /** The text in the language of the page. */
  readonly text: string;
}

/** Whether a buyer is asked for consent to immediate supply. */
export function collectsConsent(): boolean {
  return catalog.consumerRights?.consentToImmediateSupply ?? false;
}

/**
 * The consent to store with a purchase; null if none is collected.
 * @throws ConsentRequired without one, PageOutOfDate if the page showed another text
 */
export function requireConsent(given: SupplyConsent | undefined): SupplyConsent | null {
  if (!collectsConsent()) return null;
  if (given?.version === undefined) throw new ConsentRequired();
  if (given.version !== SUPPLY_CONSENT_VERSION) throw new PageOutOfDate();
  return given;
}

/** Stores the consent that a payment page was opened with. The first one for a session stays. */
export async function recordConsent(
  tx: Transaction | Executor,
  given: {
    consent: SupplyConsent;
    sessionId: string;
    userId: string;
    item: Item;
    locale: Locale;
    now: Date;
  },
): Promise<void> {
  const { consent, sessionId, userId, item, locale, now } = given;
  await tx
    .insert(supplyConsent)
    .values({
      sessionId,
      userId,
      item: item.id,
      kind: item.kind,
      version: SUPPLY_CONSENT_VERSION,
      locale,
      text: consent.text,
      consentedAt: now,
    })
    .onConflictDoNothing();
}

/** A purchase by its session, or a subscription by when it started. */
export type ConsentedPurchase = { readonly sessionId: string } | { readonly startedAt: Date };

/** Stripe's clock and ours differ by seconds. */
const CLOCK_TOLERANCE_MINUTES = 1;

/**
 * Finds the consent of a purchase among a user's, newest first. Stripe names no session on a
 * subscription, so it is the last one given for a subscription before it started.
 */
export function consentFor<
  Consent extends Pick<StoredConsent, "sessionId" | "kind" | "consentedAt">,
>(consents: readonly Consent[], purchase: ConsentedPurchase): Consent | null {
  const found =
    "sessionId" in purchase
      ? consents.find(({ sessionId }) => sessionId === purchase.sessionId)
      : consents.find(
          ({ kind, consentedAt }) =>
            kind === "subscription" &&
            consentedAt <= addMinutes(purchase.startedAt, CLOCK_TOLERANCE_MINUTES),
        );
  return found ?? null;
}

/** A user's consents, newest first. */
export async function listConsents(
  reader: Executor,
  { userId }: { userId: string },
): Promise<StoredConsent[]> {
  return reader
    .select()
    .from(supplyConsent)
    .where(eq(supplyConsent.userId, userId))
    .orderBy(desc(supplyConsent.consentedAt));
}

/** What the confirmation email of a purchase says about its consent; undefined without one. */
export async function readConsentForEmail(
  tx: Executor,
  { userId, ...purchase }: { userId: string } & ConsentedPurchase,
): Promise<{ text: string; consentedAt: string } | undefined> {
  if (!collectsConsent()) return undefined;
  const isSought =
    "sessionId" in purchase
      ? eq(supplyConsent.sessionId, purchase.sessionId)
      : and(
          eq(supplyConsent.kind, "subscription"),
          lte(supplyConsent.consentedAt, addMinutes(purchase.startedAt, CLOCK_TOLERANCE_MINUTES)),
        );
  const [found] = await tx
    .select({ text: supplyConsent.text, consentedAt: supplyConsent.consentedAt })
    .from(supplyConsent)
    .where(and(eq(supplyConsent.userId, userId), isSought))
    .orderBy(desc(supplyConsent.consentedAt))
    .limit(1);
  return found && { text: found.text, consentedAt: found.consentedAt.toISOString() };
}
