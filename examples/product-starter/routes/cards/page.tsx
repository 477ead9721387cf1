import { productRoute } from "@/app/[locale]/(app)/product-route";
import { cardsPage } from "@/products/cards/cards-page";

const { generateMetadata, Page } = productRoute(cardsPage);

export { generateMetadata, Page as default };
