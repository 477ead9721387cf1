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
  return page.evaluate(runAxe, { isPopup, rendererRules: RENDERER_RULES });
}

/**
 * What the renderer of `/docs/api` (Scalar 1.46.4) breaks in its own markup, which no setting of it changes:
 * icon buttons without names, tabs and a sidebar with other roles, a `main` inside ours, regions of the same
 * name, and scrolling lists.
 * These rules, and no others, are not checked inside it.
 */
const RENDERER_RULES = [
  "aria-allowed-attr",
  "aria-allowed-role",
  "aria-required-children",
  "button-name",
  "landmark-main-is-top-level",
  "landmark-unique",
  "scrollable-region-focusable",
];

async function runAxe({
  isPopup,
  rendererRules,
}: {
  isPopup: boolean;
  rendererRules: readonly string[];
}) {
  const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(
    isPopup ? { exclude: [["[data-base-ui-focus-guard]"]] } : document,
    // Details of what passes would take more time than the checks.
    { resultTypes: ["violations"], rules: { region: { enabled: !isPopup } } },
  );
  const renderer = document.querySelector(".api-reference");
  /** axe reports the second `main` at our own. */
  const isOfRenderer = (id: string, target: string) =>
    renderer !== null &&
    (id === "landmark-no-duplicate-main" ||
      (rendererRules.includes(id) && renderer.contains(document.querySelector(target))));
  return violations.flatMap(({ id, help, nodes }) => {
    const ours = nodes.filter(({ target }) => !isOfRenderer(id, target.join(" ")));
    const where = ours.map(({ target, html }) => `${target.join(" ")} ${html}`);
    return where.length === 0 ? [] : [{ id, help, where }];
  });
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
