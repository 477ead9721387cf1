import { publicProductRoute } from "@/app/[locale]/(marketing)/public-product-route";
import { samplePage } from "@/products/bazi/pages/sample/page";

const { generateMetadata, Page } = publicProductRoute(samplePage);

export { generateMetadata, Page as default };
