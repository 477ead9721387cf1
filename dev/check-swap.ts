import { buildCopy, checkCopy } from "./copy/check-copy";
import { replaceProduct } from "./swap/replace-product";
import { smokeTest } from "./swap/smoke-test";

const help = `npm run check:swap             replaces the product by examples/product-starter in a copy of the
                               tree, builds it, and buys and uses the example
    -- --keep                  keeps the copy and prints where it is`;

const MAX_EDITED_FILES = 5;

/** Proves that the product can be replaced. Omits the tests, which test today's product. */
checkCopy({ help, tests: false }, async (tree) => {
  const edited = await replaceProduct(tree);
  console.log(`Edited files:\n${edited.map((file) => `  ${file}`).join("\n")}`);
  if (edited.length > MAX_EDITED_FILES) {
    throw new Error(`The swap edits ${edited.length} files; at most ${MAX_EDITED_FILES} may be.`);
  }
  await buildCopy(tree);
  await smokeTest(tree);
  console.log("A pack was bought, and a card was made and charged once.");
});
