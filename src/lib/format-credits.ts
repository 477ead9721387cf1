import { FORMAT_LOCALES } from "./format-locale";
import type { Locale } from "./locales";

/**
 * Whole credits as figures (`1,000`, signed: `+50`, `−10`), without the unit: the unit comes from
 * the messages, and a screen shows both (`components/credits`).
 */
export function formatCreditAmount(
  credits: number,
  locale: Locale,
  options: { signed?: boolean } = {},
): string {
  if (!Number.isSafeInteger(credits))
    throw new RangeError(`${credits} is no whole number of credits.`);
  const format = new Intl.NumberFormat(FORMAT_LOCALES[locale], {
    // Neither shows a zero that a sign was put before.
    signDisplay: options.signed ? "exceptZero" : "negative",
  });
  return format.format(credits).replace("-", "−");
}
