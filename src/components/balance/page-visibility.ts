/** Whether somebody looks at this page: the browser's own below, made up in tests. */
export interface PageSight {
  readonly isVisible: () => boolean;
  /** Runs `tell` each time the page is looked at again; answers how to stop. */
  readonly onLookedAt: (tell: () => void) => () => void;
}

export const browserSight: PageSight = {
  isVisible: () => document.visibilityState === "visible",
  onLookedAt: (tell) => {
    window.addEventListener("focus", tell);
    document.addEventListener("visibilitychange", tell);
    return () => {
      window.removeEventListener("focus", tell);
      document.removeEventListener("visibilitychange", tell);
    };
  },
};

/** Runs `work` once, now or as soon as the page is looked at: a sleeping tab asks for nothing. Answers how to give up. */
export function whenVisible(sight: PageSight, work: () => void): () => void {
  if (!sight.isVisible()) return onceLookedAt(sight, work);
  work();
  return () => {};
}

/** Runs `work` once, the next time the page is looked at. Answers how to give up. */
export function onceLookedAt(sight: PageSight, work: () => void): () => void {
  const stop = sight.onLookedAt(() => {
    if (!sight.isVisible()) return;
    stop();
    work();
  });
  return stop;
}
