/** Holds the currency that a visitor chose, or that the proxy chose for their country. */
export const CURRENCY_COOKIE = "qiflow.currency";
