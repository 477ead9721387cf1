import { type ClassValue, clsx } from "clsx";

/**
 * Joins class names without resolving conflicts; `tailwind-merge` would add 8 kB to every page. A
 * component must not pass two classes for one property. See decision 0033.
 */
export function cn(...classes: ClassValue[]): string {
  return clsx(classes);
}
