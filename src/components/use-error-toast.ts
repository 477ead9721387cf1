"use client";

import { toast } from "sonner";
import { useErrorText } from "./use-error-text";

type ReportedError = Parameters<ReturnType<typeof useErrorText>>[0];

/** Says in a toast why an action was refused; what has no name is said to be our fault. */
export function useErrorToast(): (error: ReportedError | undefined) => void {
  const errorText = useErrorText();
  return (error) => toast.error(errorText(error ?? { code: "unexpected", details: {} }));
}
