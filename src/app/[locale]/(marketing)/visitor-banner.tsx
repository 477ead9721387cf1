"use client";

import { useViewer } from "@/app/viewer";
import { SimulatedPaymentsBanner } from "@/components/simulated-payments-banner";

export function VisitorBanner() {
  return useViewer()?.simulatedPayments ? <SimulatedPaymentsBanner /> : null;
}
