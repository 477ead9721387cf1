import { RecentReadings as sold } from "@/products/bazi/recent-readings";
import type { DashboardCard } from "./product";

/** Apart from the landing page's components, whose visitors should not load its scripts. */
export const dashboardCard: DashboardCard = sold;
