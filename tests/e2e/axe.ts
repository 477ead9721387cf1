import type { Page } from "@playwright/test";
import axe from "axe-core";

/**
 * Runs axe on the page and returns the violations with the facts needed to fix them.
 *
 * A popup belongs to its trigger and needs no landmark. Its focus guards are excluded because they pass
 * the focus on immediately.
 */
export async function findViolations(page: Page, { isPopup = false } = {}) {
  await waitForAnimations(page);
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(runAxe, isPopup);
}

async function runAxe(isPopup: boolean) {
  const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(
    isPopup ? { exclude: [["[data-base-ui-focus-guard]"]] } : document,
    // Details of what passes would take more time than the checks.
    { resultTypes: ["violations"], rules: { region: { enabled: !isPopup } } },
  );
  return violations.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.map(({ target, html }) => `${target.join(" ")} ${html}`),
  }));
}

/** Waits until all finite animations have ended. During a fade axe measures other contrasts. */
async function waitForAnimations(page: Page): Promise<void> {
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
