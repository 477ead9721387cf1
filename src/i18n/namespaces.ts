import type { Messages } from "next-intl";
import { product } from "@/product/current";

/** Each namespace of the site is one file: `messages/<locale>/<namespace>.json`. */
export const NAMESPACES = [
  "admin",
  "apiDocs",
  "apiKeys",
  "auth",
  "billing",
  "common",
  "credits",
  "dashboard",
  "dev",
  "emails",
  "errors",
  "legal",
  "marketing",
  "notifications",
  "pricing",
  "security",
  "settings",
  "signin",
  "withdrawal",
] as const;

/** Includes the namespaces of the product. */
export type Namespace = keyof Messages;

/** The product's namespaces, including those that it shares with the site. */
export const PRODUCT_NAMESPACES = Object.keys(product.messages.en) as readonly Namespace[];
