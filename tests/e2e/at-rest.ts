import type { Page } from "@playwright/test";

/**
 * Waits until whatever fades or slides has come to rest; what turns for ever may go on. Colours that
 * are measured before have a contrast that nobody ever reads.
 */
export async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const moves = () =>
      document
        .getAnimations()
        .filter(({ playState }) => playState === "running")
        .some(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
    // What has just been opened begins to move a frame later.
    await nextFrame();
    await nextFrame();
    while (moves()) await nextFrame();
  });
}
