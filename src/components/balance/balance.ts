/** What `GET /api/credits/balance` answers: the balance as of the instant it was asked. */
export interface Balance {
  /** When it was read from the books, by the server's clock; ISO 8601. */
  readonly asOf: string;
  readonly available: number;
  readonly held: number;
  readonly debt: number;
  readonly nextExpiry: { readonly credits: number; readonly expiresAt: string } | null;
}

/** Checks an answer from the network before anything on screen trusts it. */
export function parseBalance(answer: unknown): Balance | null {
  if (!isRecord(answer)) return null;
  const { asOf, available, held, debt, nextExpiry } = answer;
  if (typeof asOf !== "string" || Number.isNaN(Date.parse(asOf))) return null;
  if (!isCount(available) || !isCount(held) || !isCount(debt)) return null;
  if (nextExpiry === null) return { asOf, available, held, debt, nextExpiry };
  if (!isRecord(nextExpiry) || !isCount(nextExpiry.credits)) return null;
  if (typeof nextExpiry.expiresAt !== "string") return null;
  const { credits, expiresAt } = nextExpiry;
  return { asOf, available, held, debt, nextExpiry: { credits, expiresAt } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}
