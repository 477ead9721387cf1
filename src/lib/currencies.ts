/**
 * Currencies whose smallest unit at Stripe is the currency itself. Stripe's list differs from ISO 4217
 * and from `Intl`: the forint, for example, has two digits at Stripe and none in `Intl`.
 * Source: https://docs.stripe.com/currencies#zero-decimal
 */
const ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" ");

/** Source: https://docs.stripe.com/currencies#three-decimal */
const THREE_DECIMAL = "bhd jod kwd omr tnd".split(" ");

/**
 * Currencies without a fraction that Stripe's API still states in hundredths: 500 is 5 króna.
 * Source: https://docs.stripe.com/currencies#special-cases
 */
const HUNDREDTHS_WITHOUT_FRACTION = ["isk", "ugx"];

/** How many decimal digits Stripe's smallest unit of a currency has. */
export function currencyDigits(currency: string): 0 | 2 | 3 {
  const code = currency.toLowerCase();
  if (ZERO_DECIMAL.includes(code)) return 0;
  return THREE_DECIMAL.includes(code) ? 3 : 2;
}

/**
 * Stripe refuses an amount that is not a multiple of this many smallest units.
 * Source: https://docs.stripe.com/currencies#three-decimal and #special-cases
 */
export function chargeStep(currency: string): 1 | 10 | 100 {
  if (HUNDREDTHS_WITHOUT_FRACTION.includes(currency.toLowerCase())) return 100;
  return currencyDigits(currency) === 3 ? 10 : 1;
}

/** How many decimal digits an amount is shown with. An amount never loses a digit. */
export function shownDigits(amountCents: number, currency: string): number {
  const isWhole = amountCents % 100 === 0;
  const hasNoFraction = HUNDREDTHS_WITHOUT_FRACTION.includes(currency.toLowerCase());
  return hasNoFraction && isWhole ? 0 : currencyDigits(currency);
}

/** Converts an amount in the currency's smallest unit to whole units: 990 `usd` is 9.9. */
export function toWholeUnits(amountCents: number, currency: string): number {
  return amountCents / 10 ** currencyDigits(currency);
}

/** An amount as a plain decimal for files that programs read: 990 `usd` is `9.90`. */
export function decimalAmount(amountCents: number, currency: string): string {
  return toWholeUnits(amountCents, currency).toFixed(shownDigits(amountCents, currency));
}
