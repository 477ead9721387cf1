"use client";

import { useViewer } from "@/app/[locale]/(marketing)/viewer";
import { debtText } from "./debt-text";

/** Says how many of a pack's credits the viewer's debt takes; nothing without debt. */
export function ViewerDebt(pack: { text: string; credits: number; numberLocale: string }) {
  const debt = useViewer()?.debt;
  return debt ? debtText({ ...pack, debt }) : null;
}
