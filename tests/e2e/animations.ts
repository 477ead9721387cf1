import type { Page } from "@playwright/test";

/**
 * Waits until all finite animations have ended. During a fade, axe would measure contrasts that the
 * finished page does not have.
 */
export async function waitForAnimations(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const isAnimating = () =>
      document
        .getAnimations()
        .filter(({ playState }) => playState === "running")
        .some(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY);
    // An element that was just opened starts to animate one frame later.
    await nextFrame();
    await nextFrame();
    while (isAnimating()) await nextFrame();
  });
}
