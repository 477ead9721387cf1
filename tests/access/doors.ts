import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const APP = "src/app";
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export interface Source {
  /** Below `src/app`. */
  readonly file: string;
  readonly text: string;
}

/** Every page, by its folder below `src/app/[locale]`. */
export function pagesOnDisk(): string[] {
  return named("page").map(({ file }) => path.posix.dirname(file).replace(/^\[locale\]\//, ""));
}

/** Every method of every route, with the route's folder below `src/app/api`. */
export function routesOnDisk(): string[] {
  return named("route").flatMap((source) => {
    const place = path.posix.dirname(source.file).replace(/^api\//, "");
    return exportsOf(source).flatMap(({ name }) => (METHODS.has(name) ? [`${name} ${place}`] : []));
  });
}

/** Every route's file. */
export function routeFilesOnDisk(): Source[] {
  return named("route");
}

/** Every file whose exports a browser can call. */
export function actionFilesOnDisk(): Source[] {
  return sources("src").filter(({ text }) => directivesIn(text).includes("file"));
}

/** Every file with functions inside that a browser can call. */
export function inlineActionFilesOnDisk(): Source[] {
  return sources("src").filter(({ text }) => directivesIn(text).includes("function"));
}

/** Tried at every quote: an apostrophe in some text before must hide nothing. */
const LITERAL = /(?=(["'])((?:\\.|(?!\1)[^\\\n])*)\1)/gs;
/** What may stand before a file's directive: white space, comments, other directives. */
const BEFORE_ALL = /^\uFEFF?(?:\s|\/\/[^\n]*\n|\/\*.*?\*\/|(["'])(?:(?!\1)[^\\\n])*\1;?)*$/s;

/**
 * What each text literal that reads `use server` is a directive of, however it is quoted, escaped or
 * indented. Where it is no directive at all, in a comment or a table, it counts as a function's: it is
 * looked at in vain rather than overlooked. (`tests/e2e/access.spec.ts` asks the build, too.)
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
  /** Empty for a form of export that a reader of the table could not follow. */
  readonly name: string;
  /** The first word of what it is. */
  readonly builtBy: string;
}

/** What a file exports, types left out. */
export function exportsOf({ text }: Source): Export[] {
  return [...text.matchAll(/^\s*export\b(?!\s+(?:type|interface)\b)\s*([^;{]*)/gm)].map(
    ([, rest = ""]) => {
      const [, name = "", value = ""] =
        /^(?:async function|function|const) (\w+)(?:: \w+)?(?:\s*=\s*(\w+))?/.exec(rest) ?? [];
      return { name, builtBy: value };
    },
  );
}

/** Next's special files of one name. */
function named(special: "page" | "route"): Source[] {
  return sources(APP).filter(({ file }) => path.posix.parse(file).name === special);
}

function sources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[cm]?[jt]sx?$/.test(file))
    .sort()
    .map((file) => ({
      file: path.relative(APP, path.join(folder, file)).split(path.sep).join("/"),
      text: readFileSync(path.join(folder, file), "utf8"),
    }));
}
