import { useMessages, useTranslations } from "next-intl";

type ItemKey = keyof ReturnType<typeof useMessages>["admin"]["items"];

/** A plan or pack by its name; one that is no longer in the catalogue by its id. */
export function ItemName({ item }: { item: string }) {
  return useItemName()(item);
}

/** The same as a text. */
export function useItemName(): (item: string) => string {
  const t = useTranslations("admin.items");
  const { items } = useMessages().admin;
  const isKnown = (id: string): id is ItemKey => id in items;
  return (item) => (isKnown(item) ? t(item) : item);
}
