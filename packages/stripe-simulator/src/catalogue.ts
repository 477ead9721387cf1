/** A price that exists from the start. Amounts are minor units. */
export interface SimulatorPrice {
  id: string;
  productId: string;
  productName: string;
  unitAmountCents: number;
  currency: string;
  /** Amounts in further currencies, by code. */
  otherAmounts?: Readonly<Record<string, number>>;
  /** Absent for one-time prices. */
  interval?: "month" | "year";
  lookupKey?: string;
  metadata?: Readonly<Record<string, string>>;
}
