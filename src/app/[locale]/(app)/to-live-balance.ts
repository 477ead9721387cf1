import type { Balance as LiveBalance } from "@/components/balance/balance";
import type { Balance } from "@/ledger/reads/balance";

/** The server's balance in the form that the browser keeps and `GET /api/credits/balance` answers. */
export function toLiveBalance(
  { available, held, debt, nextExpiry }: Balance,
  asOf: Date,
): LiveBalance {
  return {
    asOf: asOf.toISOString(),
    available,
    held,
    debt,
    nextExpiry: nextExpiry && {
      credits: nextExpiry.credits,
      expiresAt: nextExpiry.expiresAt.toISOString(),
    },
  };
}
