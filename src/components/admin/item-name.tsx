import { useLocale } from "next-intl";
import { itemName } from "@/catalog/items";

/** The name of a plan or pack, or its id if the catalogue no longer has it. */
export function ItemName({ item }: { item: string }) {
  return itemName(item, useLocale());
}
