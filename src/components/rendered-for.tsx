"use client";
"use no memo";

import { createContext, type ReactNode, use } from "react";
import type { RenderedFor } from "@/lib/rendered-for";

const Context = createContext<RenderedFor>(null);

/** Names the person to every action below it. A layout sets the user's id as its key as well. */
export function RenderedForProvider({
  userId,
  children,
}: {
  userId: RenderedFor;
  children: ReactNode;
}) {
  return <Context value={userId}>{children}</Context>;
}

export function useRenderedFor(): RenderedFor {
  return use(Context);
}
