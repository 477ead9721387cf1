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
  return sources("src").filter(({ text }) => /^\s*["']use server["']/.test(text));
}

/** Every file with functions inside that a browser can call. */
export function inlineActionFilesOnDisk(): Source[] {
  return sources("src").filter(({ text }) => /\n\s+["']use server["']/.test(text));
}

export interface Export {
  /** Empty for a form of export that a reader of the table could not follow. */
  readonly name: string;
  /** The first word of what it is. */
  readonly builtBy: string;
}

/** What a file exports, types left out. */
export function exportsOf({ text }: Source): Export[] {
  return [...text.matchAll(/^export (?!type |interface )([^;{]*)/gm)].map(([, rest = ""]) => {
    const [, name = "", value = ""] =
      /^(?:async function|function|const) (\w+)(?:: \w+)?(?:\s*=\s*(\w+))?/.exec(rest) ?? [];
    return { name, builtBy: value };
  });
}

/** Next's special files of one name. */
function named(special: "page" | "route"): Source[] {
  return sources(APP).filter(({ file }) => path.posix.parse(file).name === special);
}

function sources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|tsx|js|jsx|mjs)$/.test(file))
    .sort()
    .map((file) => ({
      file: path.relative(APP, path.join(folder, file)).split(path.sep).join("/"),
      text: readFileSync(path.join(folder, file), "utf8"),
    }));
}
