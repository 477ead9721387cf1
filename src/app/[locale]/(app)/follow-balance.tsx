"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { browserBalance } from "@/components/balance/browser-balance";

const unknownOnServer = () => null;
const netBalanceNow = () => {
  const { balance } = browserBalance.get();
  return balance && balance.available - balance.debt;
};

/**
 * Refreshes the page when the live balance differs from the rendered one, so that ledger and lots match
 * the header. Refreshes once per new balance. `rendered` is the balance minus debt.
 */
export function FollowBalance({ rendered }: { rendered: number }) {
  const router = useRouter();
  const lastSeen = useRef(rendered);
  const available = useSyncExternalStore(browserBalance.subscribe, netBalanceNow, unknownOnServer);
  useEffect(() => {
    if (available === null || available === rendered || available === lastSeen.current) return;
    lastSeen.current = available;
    router.refresh();
  }, [available, rendered, router]);
  return null;
}
