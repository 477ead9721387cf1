import { eq } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import type { Product } from "@/product/product";
import { listCards } from "./cards";
import en from "./messages/en.json";
import zh from "./messages/zh-CN.json";
import { greetingCard } from "./schema";

/** Greeting cards as the site knows them. */
export const cards = {
  feature: "greeting-card",
  startHref: "/cards",
  publicPaths: [],
  navigation: [{ href: "/cards", label: { en: "Cards", "zh-CN": "贺卡" } }],
  sources: {
    card: {
      feature: "greeting-card",
      href: (id: string) => `/cards#${id}`,
      label: { en: "Open the card", "zh-CN": "查看贺卡" },
    },
  },
  messages: { en, "zh-CN": zh },
  async createRecords() {},
  exportRecords(db: Executor, userId: string) {
    return { cards: () => listCards(db, userId) };
  },
  async eraseRecords(tx: Transaction, userId: string) {
    await tx.delete(greetingCard).where(eq(greetingCard.userId, userId));
  },
} as const satisfies Product;
