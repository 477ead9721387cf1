import type { Product } from "@/product/product";
import { createEmptyProfile, getProfile } from "./profile";
import { deleteBaziRecords, exportReadings } from "./readings";

/** BaZi readings as the site knows them. */
export const bazi: Product = {
  feature: "bazi-reading",
  startHref: "/bazi/new",
  navigation: [{ href: "/bazi", label: { en: "Readings", "zh-CN": "命盘" } }],
  sources: {
    reading: {
      href: (id) => `/bazi/${id}`,
      label: { en: "Open the reading", "zh-CN": "打开解读" },
    },
  },
  createRecords: createEmptyProfile,
  async exportRecords(db, userId) {
    return {
      savedBirth: await getProfile(db, userId),
      readings: await exportReadings(db, userId),
    };
  },
  eraseRecords: deleteBaziRecords,
};
