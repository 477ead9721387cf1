import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const APP = "src/app";
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export interface Source {
  /** The path below `src`. */
  readonly file: string;
  readonly text: string;
}

/** Returns the folder of every page below `src/app/[locale]`. */
export function pagesOnDisk(): string[] {
  return named("page").map(({ file }) =>
    path.posix.dirname(file).replace(/^app\/\[locale\]\//, ""),
  );
}

/** Returns every route method with its folder below `src/app/api`. */
export function routesOnDisk(): string[] {
  return named("route").flatMap((source) => {
    const place = path.posix.dirname(source.file).replace(/^app\/api\//, "");
    return exportsOf(source).flatMap(({ name }) => (METHODS.has(name) ? [`${name} ${place}`] : []));
  });
}

export function routeFilesOnDisk(): Source[] {
  return named("route");
}

/** Returns every file with a `use server` directive at its top. */
export function actionFilesOnDisk(): Source[] {
  return sources("src").filter(({ text }) => directivesIn(text).includes("file"));
}

/** Returns every file with a `use server` directive inside a function. */
export function inlineActionFilesOnDisk(): Source[] {
  return sources("src").filter(({ text }) => directivesIn(text).includes("function"));
}

/** A lookahead, so that an apostrophe in earlier text hides no literal. */
const LITERAL = /(?=(["'])((?:\\.|(?!\1)[^\\\n])*)\1)/gs;
/** What may precede the directive of a file: white space, comments, other directives. */
const BEFORE_ALL = /^\uFEFF?(?:\s|\/\/[^\n]*\n|\/\*.*?\*\/|(["'])(?:(?!\1)[^\\\n])*\1;?)*$/s;

/**
 * Returns what each `use server` literal applies to, however it is quoted, escaped or indented. A
 * literal that is no directive counts as a function's, so that none is missed. `access.spec.ts` also
 * compares the table with the build.
 */
export function directivesIn(text: string): ("file" | "function")[] {
  return [...text.matchAll(LITERAL)]
    .filter(([, , literal = ""]) => unescaped(literal) === "use server")
    .map(({ index }) => (BEFORE_ALL.test(text.slice(0, index)) ? "file" : "function"));
}

function unescaped(literal: string): string {
  return literal.replace(
    /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|(\n)|(.))/gi,
    (_, braced, four, two, _line, other) =>
      other ?? (_line ? "" : String.fromCodePoint(Number.parseInt(braced ?? four ?? two, 16))),
  );
}

export interface Export {
  /** Empty for an export form that this parser does not support. */
  readonly name: string;
  /** The first identifier of its value. */
  readonly builtBy: string;
}

/** Returns the exports of a file except types. */
export function exportsOf({ text }: Source): Export[] {
  return [...text.matchAll(/^\s*export\b(?!\s+(?:type|interface)\b)\s*([^;{]*)/gm)].map(
    ([, rest = ""]) => {
      const [, name = "", value = ""] =
        /^(?:async function|function|const) (\w+)(?:: \w+)?(?:\s*=\s*(\w+))?/.exec(rest) ?? [];
      return { name, builtBy: value };
    },
  );
}

/** Returns the special files of Next.js with one name. */
function named(special: "page" | "route"): Source[] {
  return sources(APP).filter(({ file }) => path.posix.parse(file).name === special);
}

function sources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[cm]?[jt]sx?$/.test(file))
    .sort()
    .map((file) => ({
      file: path.relative("src", path.join(folder, file)).split(path.sep).join("/"),
      text: readFileSync(path.join(folder, file), "utf8"),
    }));
}
