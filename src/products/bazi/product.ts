import type { Executor } from "@/db/client";
import type { Product } from "@/product/product";
import { messages } from "./messages";
import { createEmptyProfile, getProfile } from "./profile";
import { deleteBaziRecords, describeReadings, exportReadings } from "./readings";

/** BaZi readings as the site knows them. */
export const bazi = {
  feature: "bazi-reading",
  startHref: "/bazi/new",
  publicPaths: ["/sample"],
  navigation: [{ href: "/bazi", label: { en: "Readings", "zh-CN": "命盘" } }],
  sources: {
    reading: {
      feature: "bazi-reading",
      href: (id: string) => `/bazi/${id}`,
      label: { en: "Open the reading", "zh-CN": "打开解读" },
    },
  },
  describeSources: describeReadings,
  messages,
  createRecords: createEmptyProfile,
  exportRecords(db: Executor, userId: string) {
    return {
      savedBirth: () => getProfile(db, userId),
      readings: exportReadings(db, userId),
    };
  },
  eraseRecords: deleteBaziRecords,
} as const satisfies Product;
