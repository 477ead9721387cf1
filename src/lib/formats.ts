import { shownDigits, toWholeUnits } from "./currencies";
import type { Locale } from "./locales";

/**
 * The conventions for numbers and dates. Readers of English come from everywhere, so the day comes
 * before the month (3 Mar 2026) and a dollar names its country (US$9.90).
 */
export const FORMAT_LOCALES: Record<Locale, string> = { en: "en-GB", "zh-CN": "zh-CN" };

/** Counting stops one above this limit, which a page shows as "10,000+". */
export const COUNT_LIMIT = 10_000;

/**
 * Formats a whole number of credits (`1,000`; signed `+50`, `−10`) without the unit, which comes
 * from the messages. A screen shows both: see `components/credits`.
 */
export function formatCreditAmount(
  credits: number,
  locale: Locale,
  options: { signed?: boolean } = {},
): string {
  if (!Number.isSafeInteger(credits)) {
    throw new RangeError(`${credits} is not a whole number of credits.`);
  }
  const format = new Intl.NumberFormat(FORMAT_LOCALES[locale], {
    // Both settings show zero without a sign.
    signDisplay: options.signed ? "exceptZero" : "negative",
  });
  return format.format(credits).replace("-", "−");
}

/**
 * Formats an amount in the currency's smallest unit, as Stripe sends it: 990 `usd` is `US$9.90`,
 * 990 `jpy` is `JP¥990`. `digits` overrides the number of decimal digits; the amount may then have a
 * fraction, as a price per credit does.
 */
export function formatMoney(
  amountCents: number,
  currency: string,
  locale: Locale,
  options: { digits?: number } = {},
): string {
  const digits = options.digits ?? shownDigits(amountCents, currency);
  const format = new Intl.NumberFormat(FORMAT_LOCALES[locale], {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(toWholeUnits(amountCents, currency)).replace("-", "−");
}

/** The name of a currency in a sentence: "US dollars", "美元". */
export function currencyName(currency: string, locale: Locale): string {
  const format = new Intl.NumberFormat(FORMAT_LOCALES[locale], {
    style: "currency",
    currency,
    currencyDisplay: "name",
  });
  return format.formatToParts(2).find(({ type }) => type === "currency")?.value ?? currency;
}

/** Between two sentences. A Chinese full stop has its own space. */
export const SENTENCE_GAP: Record<Locale, string> = { en: " ", "zh-CN": "" };

/** "A", "A or B", "A, B or C" in the reader's language. */
export function joinWithOr(parts: readonly string[], locale: Locale): string {
  return new Intl.ListFormat(FORMAT_LOCALES[locale], { type: "disjunction" }).format(parts);
}

export type InstantStyle = "date" | "date-time" | "month" | "short-month" | "year" | "exact";

const INSTANT_STYLES: Record<InstantStyle, Intl.DateTimeFormatOptions> = {
  date: { year: "numeric", month: "short", day: "numeric" },
  "date-time": {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  },
  month: { year: "numeric", month: "long" },
  "short-month": { month: "short" },
  year: { year: "numeric" },
  exact: {
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "longOffset",
  },
};

/** Formats an instant in an IANA time zone. An unknown zone falls back to UTC. */
export function formatInstant(
  instant: Date,
  options: { locale: Locale; timeZone: string; style: InstantStyle },
): string {
  const format = (timeZone: string) =>
    new Intl.DateTimeFormat(FORMAT_LOCALES[options.locale], {
      ...INSTANT_STYLES[options.style],
      timeZone,
    });
  try {
    return format(options.timeZone).format(instant);
  } catch (error) {
    if (error instanceof RangeError && !Number.isNaN(instant.getTime())) {
      return format("UTC").format(instant);
    }
    throw error;
  }
}
