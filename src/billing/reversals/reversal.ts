/** A refund or a dispute, as far as the books care. */
export interface Reversal {
  /** Names it in keys: `refund:re_…`, `dispute:du_…`. */
  readonly key: string;
  readonly kind: "refund" | "dispute";
  readonly cents: number;
  /**
   * `standing`: the money is gone (refunded, or a dispute lost). `open`: a dispute holds it back.
   * `undone`: it came back (a refund that failed, a dispute that was won). `harmless`: a bank's
   * inquiry, which moves no money.
   */
  readonly state: "standing" | "open" | "undone" | "harmless";
}

/** The money of some reversals together, in cents. */
export function centsOf(reversals: readonly Reversal[]): number {
  return reversals.reduce((sum, { cents }) => sum + cents, 0);
}

/** Whether the money is with the payer or held back now. */
export function isTaken({ state }: Reversal): boolean {
  return state === "standing" || state === "open";
}

/** Everything paid came back to the payer: by refunds, or by disputes that were lost. */
export function isFullyReversed(amountCents: number, reversals: readonly Reversal[]): boolean {
  const gone = reversals.filter(({ state }) => state === "standing");
  return amountCents > 0 && centsOf(gone) >= amountCents;
}
