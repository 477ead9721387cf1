"use client";

import { createContext, use } from "react";

export interface FieldControl {
  readonly id: string;
  readonly labelId: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
  readonly required: boolean | undefined;
}

export const FieldContext = createContext<FieldControl | null>(null);

/** What the control inside a `Field` must carry so that label, hint and error belong to it. */
export function useFieldControl(): FieldControl | null {
  return use(FieldContext);
}
