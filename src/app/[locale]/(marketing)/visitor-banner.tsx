"use client";

import type { ReactNode } from "react";
import { useViewer } from "@/app/[locale]/(marketing)/viewer";

/** Shows what the server wrote to whoever is told that payments are simulated here. */
export function VisitorBanner({ children }: { children: ReactNode }) {
  return useViewer()?.simulatedPayments ? children : null;
}
