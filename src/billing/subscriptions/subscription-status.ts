/** Statuses that Stripe never leaves again. */
export const FINAL_STATUSES: string[] = ["canceled", "incomplete_expired"];

/** Whether a subscription can still charge or be paid: everything that Stripe has not ended for good. */
export function isLive(status: string): boolean {
  return !FINAL_STATUSES.includes(status);
}
