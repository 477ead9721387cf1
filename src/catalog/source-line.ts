interface Token {
  readonly text: string;
  readonly line: number;
}

/** Comments, strings, words and numbers, single characters. */
const TOKEN =
  /\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[\w$]+|\S/g;

/** The source text of a file; null if a deployment contains only the bundle. */
export function readSource(file: string): string | null {
  // A bundler would replace an import of `node:fs` or include every file that it could read.
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  try {
    return fs?.readFileSync(file, "utf8") ?? null;
  } catch {
    return null;
  }
}

/**
 * The line, counted from 1, of a value in the object literal that is passed to `functionName`. If the value
 * is missing or not a literal, the line of the nearest enclosing value. Null without such a call.
 */
export function findLine(
  source: string,
  functionName: string,
  path: readonly PropertyKey[],
): number | null {
  const tokens = tokenize(source);
  let value =
    tokens.findIndex(({ text }, n) => text === functionName && tokens[n + 1]?.text === "(") + 2;
  if (value === 1) return null;
  let line = tokens[value]?.line ?? null;
  for (const key of path) {
    const entry = findEntry(tokens, value, key);
    if (entry === null) break;
    line = tokens[entry.start]?.line ?? line;
    value = entry.value;
  }
  return line;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let end = 0;
  for (const { 0: text, index } of source.matchAll(TOKEN)) {
    line += countLines(source.slice(end, index));
    if (!text.startsWith("//") && !text.startsWith("/*")) tokens.push({ text, line });
    line += countLines(text);
    end = index + text.length;
  }
  return tokens;
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}

/** Where an entry of the object or array at `open` starts, and where its value does. */
function findEntry(
  tokens: readonly Token[],
  open: number,
  key: PropertyKey,
): { start: number; value: number } | null {
  const isArray = tokens[open]?.text === "[";
  if (!isArray && tokens[open]?.text !== "{") return null;
  let start = open + 1;
  for (let n = 0; start < tokens.length && !isClosing(tokens[start]); n += 1) {
    const text = tokens[start]?.text ?? "";
    const isSpread = text === ".";
    // Elements behind a spread have an unknown index.
    if (isArray && isSpread) return null;
    if (isArray && n === key) return { start, value: start };
    if (!isArray && !isSpread && unquote(text) === String(key)) return { start, value: start + 2 };
    start = nextEntry(tokens, start);
  }
  return null;
}

/** Where the entry after `start` begins, or the bracket that closes the literal. */
function nextEntry(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (depth === 0 && token?.text === ",") return at + 1;
    if (depth === 0 && isClosing(token)) return at;
    if (isOpening(token)) depth += 1;
    else if (isClosing(token)) depth -= 1;
  }
  return tokens.length;
}

const isOpening = (token: Token | undefined) => "([{".includes(token?.text ?? " ");
const isClosing = (token: Token | undefined) => ")]}".includes(token?.text ?? " ");

function unquote(text: string): string {
  return /^["'`]/.test(text) ? text.slice(1, -1) : text;
}
