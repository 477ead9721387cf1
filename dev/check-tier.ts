import { buildCopy, checkCopy, ROOT } from "./copy/check-copy";
import { runScript } from "./copy/run-script";
import { addPlan } from "./tier/add-plan";

const help = `npm run check:tier             adds the plan of docs/guides/add-a-plan.md to a copy of the tree, builds
                               it, and uses the plan in a browser
    -- --keep                  keeps the copy and prints where it is`;

/** Proves that another plan is an edit of one file. */
checkCopy({ help, tests: true }, async (tree) => {
  await addPlan(ROOT, tree);
  console.log("The plan changes the catalogue and no other file.");
  await buildCopy(tree);
  const options = ["test", "--config", "dev/tier/playwright.config.ts"];
  await runScript(tree, "node_modules/@playwright/test/cli.js", options);
  console.log("The plan was bought, upgraded to, downgraded, renewed and refunded.");
});
