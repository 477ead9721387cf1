/** Each namespace is one file: `messages/<locale>/<namespace>.json`. */
export const NAMESPACES = [
  "admin",
  "auth",
  "bazi",
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
  "settings",
  "signin",
] as const;

export type Namespace = (typeof NAMESPACES)[number];
