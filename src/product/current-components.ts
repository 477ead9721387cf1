import { baziComponents as sold } from "@/products/bazi/site-components";
import type { ProductComponents } from "./product";

/** What the product shows on the landing page. Apart from `product`, which emails import too. */
export const productComponents: ProductComponents = sold;
