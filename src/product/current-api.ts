import { baziApi as sold } from "@/products/bazi/api/operations";
import type { ProductApi } from "./api";

/** What the product offers through the API. Apart from `product`, which emails import too. */
export const productApi: ProductApi = sold;
