/**
 * Control characters except line breaks and tabs; lone surrogates, which Postgres refuses; and marks that
 * change the displayed order of the text around them.
 */
const FORBIDDEN = /[^\P{Cc}\t\n\r]|\p{Cs}|[\u202a-\u202e\u2066-\u2069]/u;
/** Anything but white space, control and format characters, and letters that are blank. */
const VISIBLE = /[^\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** True if a text can be stored and shown as typed. */
export function isPlainText(text: string): boolean {
  return !FORBIDDEN.test(text);
}

/** True if a text has a visible character. A name of zero-width spaces has none. */
export function isVisible(text: string): boolean {
  return VISIBLE.test(text);
}

/**
 * True if every text in a value of JSON's types is plain, property names included. For input before it
 * is parsed; it may be nested to any depth.
 */
export function holdsPlainText(value: unknown): boolean {
  const remaining = [value];
  const seen = new Set<object>();
  while (remaining.length > 0) {
    const next = remaining.pop();
    if (typeof next === "string" && !isPlainText(next)) return false;
    // The arguments of a server action can refer to each other in a circle.
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    for (const [name, part] of Object.entries(next)) remaining.push(name, part);
  }
  return true;
}
