import { findItem, type Item } from "@/catalog/items";

/** Carries a choice through sign-up: `/pricing?buy=pack-basic`. */
export const BUY_PARAMETER = "buy";

/** The item that a visitor chose before signing up, from the path that sign-up leads to; or null. */
export function chosenItem(destination: string): Item | null {
  const url = new URL(destination, "http://own.invalid");
  if (!url.pathname.endsWith("/pricing")) return null;
  return findItem(url.searchParams.get(BUY_PARAMETER));
}
