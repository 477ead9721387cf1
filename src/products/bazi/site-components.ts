import type { ProductComponents } from "@/product/product";
import { ReadingContents } from "./landing/reading-contents";
import { SpecimenChart } from "./landing/specimen-chart";
import { RecentReadings } from "./recent-readings";

/** What BaZi shows on pages of the site. */
export const baziComponents: ProductComponents = {
  LandingFigure: SpecimenChart,
  LandingSection: ReadingContents,
  DashboardCard: RecentReadings,
};
