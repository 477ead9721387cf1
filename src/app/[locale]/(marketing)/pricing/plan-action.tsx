"use client";

import type { ReactNode } from "react";
import { useViewer } from "@/app/[locale]/(marketing)/viewer";
import type { PlanId } from "@/catalog/catalog";

/**
 * What can be done about a plan, given the one the visitor has; each way is the server's. A member
 * of either Pro manages it rather than buying the other.
 */
export function PlanAction({
  planId,
  buy,
  manage,
  inside,
}: {
  planId: PlanId;
  buy: ReactNode;
  manage: ReactNode;
  /** For the free plan of somebody who is signed in: there is nothing left to do. */
  inside: ReactNode;
}) {
  const viewer = useViewer();
  if (planId === "free") return viewer?.signedIn ? inside : buy;
  const current = viewer?.planId ?? null;
  const subscribed = current === "pro-monthly" || current === "pro-yearly";
  return current === planId || (subscribed && planId !== "lifetime") ? manage : buy;
}

/** Shows what the server wrote on the plan that the visitor has. */
export function IfCurrentPlan({ planId, children }: { planId: PlanId; children: ReactNode }) {
  return useViewer()?.planId === planId ? children : null;
}
