import { productRoute } from "@/app/[locale]/(app)/product-route";
import { newReadingPage } from "@/products/bazi/pages/new/page";

const { generateMetadata, Page } = productRoute(newReadingPage);

export { generateMetadata, Page as default };
