import type { ExternalToast, toast as sonnerToast } from "sonner";

export interface WaitingToast {
  readonly text: string;
  readonly show: (toast: typeof sonnerToast) => void;
}

const waiting: WaitingToast[] = [];
const listeners = new Set<() => void>();

/** Shows a short message over the page. `ToastProvider` loads the library, which is 18 kB of script. */
export const toast = {
  info: (text: string, options?: ExternalToast) =>
    enqueue({ text, show: (sonner) => void sonner.info(text, options) }),
  success: (text: string, options?: ExternalToast) =>
    enqueue({ text, show: (sonner) => void sonner.success(text, options) }),
  error: (text: string, options?: ExternalToast) =>
    enqueue({ text, show: (sonner) => void sonner.error(text, options) }),
};

/** Calls `listener` for each new toast. Returns the function that stops it. */
export function subscribeToToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Removes and returns the toasts that wait to be shown. */
export function takeToasts(): WaitingToast[] {
  return waiting.splice(0);
}

function enqueue(toast: WaitingToast): void {
  waiting.push(toast);
  for (const listener of listeners) listener();
}
