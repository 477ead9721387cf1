import { bazi } from "@/products/bazi/product";
import type { Product } from "./product";

/** The product that this site sells. To sell another one, replace the import. */
export const product: Product = bazi;

/** The keys of its messages, for the types of `useTranslations`. */
export type CurrentMessages = (typeof bazi)["messages"]["en"];
