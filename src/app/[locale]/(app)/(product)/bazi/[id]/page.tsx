import { productRoute } from "@/app/[locale]/(app)/product-route";
import { readingPage } from "@/products/bazi/pages/reading/page";

const { generateMetadata, Page } = productRoute(readingPage);

export { generateMetadata, Page as default };
