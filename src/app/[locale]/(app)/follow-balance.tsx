"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { browserBalance } from "@/components/balance/browser-balance";

const nothingYet = () => null;
const availableNow = () => browserBalance.get().balance?.available ?? null;

/**
 * Reads the page anew when the live balance moves away from the one it was rendered with, so that
 * ledger and lots never contradict the figure in the header. Once for each new figure.
 */
export function FollowBalance({ rendered }: { rendered: number }) {
  const router = useRouter();
  const followed = useRef(rendered);
  const available = useSyncExternalStore(browserBalance.subscribe, availableNow, nothingYet);
  useEffect(() => {
    if (available === null || available === rendered || available === followed.current) return;
    followed.current = available;
    router.refresh();
  }, [available, rendered, router]);
  return null;
}
