/** The id of a reference, which Stripe returns as an id or, expanded, as the object. */
export function idOf(reference: string | { id: string } | null | undefined): string | null {
  if (reference === null || reference === undefined) return null;
  return typeof reference === "string" ? reference : reference.id;
}

/** Stripe's Unix seconds as a Date. */
export function instantOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** Like `instantOf`; null stays null. */
export function instantOrNull(seconds: number | null | undefined): Date | null {
  return seconds === null || seconds === undefined ? null : instantOf(seconds);
}

/** The earlier of two instants. */
export function earlier(a: Date, b: Date): Date {
  return a <= b ? a : b;
}
