const UNSTORABLE = /\0|\p{Surrogate}/gu;
const JSON_ESCAPE = /\\(?:u0000|ud[89a-f][\da-f]{2}|.)/g;
const REPLACEMENT = "\ufffd";

/** The text as Postgres can store it: U+0000 and lone surrogates become U+FFFD. */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, REPLACEMENT);
}

/**
 * The JSON text of a value as `jsonb` accepts it: U+0000 and lone surrogates, in values and in names,
 * become U+FFFD. `JSON.stringify` writes both as escapes, and no other surrogate as one.
 */
export function storableJson(value: unknown): string {
  return JSON.stringify(value).replace(JSON_ESCAPE, (found) =>
    found.length === 6 ? REPLACEMENT : found,
  );
}
