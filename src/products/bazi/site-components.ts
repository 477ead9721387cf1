import type { ProductComponents } from "@/product/product";
import { ReadingContents } from "./landing/reading-contents";
import { SpecimenChart } from "./landing/specimen-chart";

/** What BaZi shows on the landing page. */
export const baziComponents: ProductComponents = {
  LandingFigure: SpecimenChart,
  LandingSection: ReadingContents,
};
