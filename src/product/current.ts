import { bazi as sold } from "@/products/bazi/product";
import type { Product } from "./product";

/** The product that this site sells. To sell another one, replace the import. */
export const product: Product = sold;

/** The keys of its messages, for the types of `useTranslations`. */
export type CurrentMessages = (typeof sold)["messages"]["en"];
