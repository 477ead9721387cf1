/** Parses the text format of a one-dimensional `text[]`. */
export function parseTextArray(text: string): (string | null)[] {
  return Array.from(text.matchAll(/"((?:[^"\\]|\\.)*)"|[^,{}]+/gs), ([plain, quoted]) => {
    if (quoted !== undefined) return quoted.replaceAll(/\\(.)/gs, "$1");
    return plain === "NULL" ? null : plain;
  });
}

/** Serializes to the same format. Drizzle has already serialized the values of an array column. */
export function textArrayOf(values: string | readonly (string | null)[]): string {
  if (typeof values === "string") return values;
  const items = values.map((value) =>
    value === null ? "NULL" : `"${value.replaceAll(/["\\]/g, "\\$&")}"`,
  );
  return `{${items.join(",")}}`;
}
