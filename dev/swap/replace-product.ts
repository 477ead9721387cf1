import { cp, rm } from "node:fs/promises";
import path from "node:path";
import { applyEdit, type Edit } from "../copy/apply-edit";
import { runScript } from "../copy/run-script";

const EXAMPLE = "examples/product-starter";
const ROUTES = "src/app/[locale]/(app)/(product)";
const PUBLIC_ROUTES = "src/app/[locale]/(marketing)/(product)";

const EDITS: readonly Edit[] = [
  {
    file: "src/catalog/catalog.ts",
    from: /"bazi-reading": \{[^}]*\{[^}]*\},\s*\}/,
    to: `"greeting-card": {
      cost: 5,
      holdMinutes: 10,
      name: { en: "Greeting card", "zh-CN": "贺卡" },
    }`,
  },
  {
    file: "src/product/current.ts",
    from: /import \{ bazi as sold \} from "@\/products\/bazi\/product";/,
    to: 'import { cards as sold } from "@/products/cards/product";',
  },
  {
    file: "src/product/current-api.ts",
    from: /import \{ baziApi as sold \} from "@\/products\/bazi\/api\/operations";/,
    to: 'import { cardsApi as sold } from "@/products/cards/api";',
  },
  {
    file: "src/product/current-components.ts",
    from: /import \{ baziComponents as sold \} from "@\/products\/bazi\/site-components";/,
    to: 'import { cardComponents as sold } from "@/products/cards/site-components";',
  },
  {
    file: "src/product/current-dashboard-card.ts",
    from: /import \{ RecentReadings as sold \}.*\n/,
    to: "",
  },
  {
    file: "src/product/current-dashboard-card.ts",
    from: /= sold;/,
    to: "= null;",
  },
];

/**
 * Replaces the product of a checkout by the example, in the order of the example's README. Returns the
 * files that were edited; other files were only added or removed.
 */
export async function replaceProduct(tree: string): Promise<string[]> {
  const at = (file: string) => path.join(tree, file);
  await cp(at(`${EXAMPLE}/cards`), at("src/products/cards"), { recursive: true });
  // The new tables first: a migration that also drops tables would ask which ones were renamed.
  await generateMigration(tree, "greeting-cards");
  await rm(at("src/products/bazi"), { recursive: true });
  await rm(at("dev/gazetteer"), { recursive: true });
  await generateMigration(tree, "remove-bazi");
  await rm(at(ROUTES), { recursive: true });
  await rm(at(PUBLIC_ROUTES), { recursive: true });
  await cp(at(`${EXAMPLE}/routes`), at(ROUTES), { recursive: true });
  for (const edit of EDITS) await applyEdit(tree, edit);
  return [...new Set(EDITS.map(({ file }) => file))];
}

function generateMigration(tree: string, name: string): Promise<void> {
  return runScript(tree, "node_modules/drizzle-kit/bin.cjs", ["generate", "--name", name]);
}
