import { publicProductRoute } from "@/app/[locale]/(marketing)/public-product-route";
import { sharedReadingPage } from "@/products/bazi/pages/shared/page";

const { generateMetadata, Page } = publicProductRoute(sharedReadingPage);

export { generateMetadata, Page as default };
