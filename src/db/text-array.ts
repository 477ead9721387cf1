/** Postgres's text form of `text[]` of one dimension, read. */
export function parseTextArray(text: string): (string | null)[] {
  return Array.from(text.matchAll(/"((?:[^"\\]|\\.)*)"|[^,{}]+/gs), ([plain, quoted]) => {
    if (quoted !== undefined) return quoted.replaceAll(/\\(.)/gs, "$1");
    return plain === "NULL" ? null : plain;
  });
}

/** The same form, written. Drizzle has written the values of an array column already. */
export function textArrayOf(values: string | readonly (string | null)[]): string {
  if (typeof values === "string") return values;
  const items = values.map((value) =>
    value === null ? "NULL" : `"${value.replaceAll(/["\\]/g, "\\$&")}"`,
  );
  return `{${items.join(",")}}`;
}
