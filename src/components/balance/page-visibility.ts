/** Whether the reader can see this page. Tests pass their own. */
export interface PageVisibility {
  readonly isVisible: () => boolean;
  /** Calls `listener` on focus and when the visibility changes. Returns an unsubscribe function. */
  readonly subscribe: (listener: () => void) => () => void;
}

export const browserVisibility: PageVisibility = {
  isVisible: () => document.visibilityState === "visible",
  subscribe: (listener) => {
    window.addEventListener("focus", listener);
    document.addEventListener("visibilitychange", listener);
    return () => {
      window.removeEventListener("focus", listener);
      document.removeEventListener("visibilitychange", listener);
    };
  },
};

/** Runs `task` once, as soon as the page is visible. Returns a cancel function. */
export function whenVisible(page: PageVisibility, task: () => void): () => void {
  if (!page.isVisible()) return onNextView(page, task);
  task();
  return () => {};
}

/** Runs `task` once, the next time the reader returns to the page. Returns a cancel function. */
export function onNextView(page: PageVisibility, task: () => void): () => void {
  const unsubscribe = page.subscribe(() => {
    if (!page.isVisible()) return;
    unsubscribe();
    task();
  });
  return unsubscribe;
}
