import type { Balance as LiveBalance } from "@/components/balance/balance-store";
import type { Balance } from "@/ledger/reads/balance";

/**
 * Converts a balance of the ledger to the response of `GET /api/credits/balance`. `available` is never
 * negative: debt has its own field.
 */
export function toLiveBalance(
  { available, held, debt, nextExpiry }: Balance,
  asOf: Date,
): LiveBalance {
  return {
    asOf: asOf.toISOString(),
    available: Math.max(0, available),
    held,
    debt,
    nextExpiry: nextExpiry && {
      credits: nextExpiry.credits,
      expiresAt: nextExpiry.expiresAt.toISOString(),
    },
  };
}
