"use client";
"use no memo";

import { useViewer } from "@/app/[locale]/(marketing)/viewer";
import { debtText } from "./debt-text";

/** The credits that the viewer can spend. `text` has `<n>` in place of the number. */
export function ViewerBalance({ text, numberLocale }: { text: string; numberLocale: string }) {
  const available = useViewer()?.available ?? 0;
  return text.replace("<n>", available.toLocaleString(numberLocale));
}

/** Says how many of a pack's credits the viewer's debt takes; nothing without debt. */
export function ViewerDebt(pack: { text: string; credits: number; numberLocale: string }) {
  const debt = useViewer()?.debt;
  return debt ? debtText({ ...pack, debt }) : null;
}
