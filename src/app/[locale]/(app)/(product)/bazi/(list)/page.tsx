import { productRoute } from "@/app/[locale]/(app)/product-route";
import { readingsPage } from "@/products/bazi/pages/list/page";

const { generateMetadata, Page } = productRoute(readingsPage);

export { generateMetadata, Page as default };
