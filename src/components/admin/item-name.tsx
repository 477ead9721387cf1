import { useMessages, useTranslations } from "next-intl";

type ItemKey = keyof ReturnType<typeof useMessages>["admin"]["items"];

/** The name of a plan or pack, or its id if the catalogue no longer has it. */
export function ItemName({ item }: { item: string }) {
  return useItemName()(item);
}

/** The same as a string. */
export function useItemName(): (item: string) => string {
  const t = useTranslations("admin.items");
  const { items } = useMessages().admin;
  const isKnown = (id: string): id is ItemKey => id in items;
  return (item) => (isKnown(item) ? t(item) : item);
}
