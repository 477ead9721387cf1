const CONJUNCTION = new Intl.ListFormat("en", { type: "conjunction" });

/** `a`, `a and b`, `a, b, and c`. */
export function list(items: readonly string[]): string {
  return CONJUNCTION.format(items);
}

/** The text with a capital first letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
