"use client";

import type { ReactNode } from "react";
import { useViewer } from "@/app/[locale]/(marketing)/viewer";

/** Shows one of two things that the server wrote, by who is looking: a visitor until that is known. */
export function ByViewer({ member, visitor }: { member: ReactNode; visitor: ReactNode }) {
  return useViewer()?.signedIn ? member : visitor;
}
