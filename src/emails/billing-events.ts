/** What changes in what a person has, other than a purchase and a failed renewal. */
export const BILLING_EVENTS = [
  "refunded",
  /** A refund failed: the credits are back. */
  "refund-undone",
  "dispute-opened",
  "dispute-won",
  "dispute-lost",
  "plan-ended",
  /** A bank debit that was pending. Nothing was granted before. */
  "debit-failed",
] as const;
export type BillingEvent = (typeof BILLING_EVENTS)[number];
