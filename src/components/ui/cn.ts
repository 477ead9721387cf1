import { type ClassValue, clsx } from "clsx";

/**
 * Joins class names. Of two that contradict each other the stylesheet's order decides, not ours: so
 * a component that can look in several ways chooses one of them, and none is added to undo another.
 * (A library that merges them was 8 kB of script on every page.)
 */
export function cn(...classes: ClassValue[]): string {
  return clsx(classes);
}
