import { describe, expect, it } from "vitest";
import { ACTION_INPUTS } from "./samples";
import {
  actionFilesOnDisk,
  directivesIn,
  exportsOf,
  inlineActionFilesOnDisk,
  pagesOnDisk,
  routeFilesOnDisk,
  routesOnDisk,
} from "./sources";
import { ACTIONS, INLINE_ACTIONS, PAGES, ROUTES } from "./table";

const sorted = (names: Iterable<string>) => [...names].sort();
const fileOf = (name: string) => `${name}.ts`;

describe("the access table", () => {
  it("lists exactly the pages on disk", () => {
    expect(sorted(Object.keys(PAGES))).toEqual(sorted(pagesOnDisk()));
  });

  it("lists exactly the route methods on disk", () => {
    expect(sorted(Object.keys(ROUTES))).toEqual(sorted(routesOnDisk()));
  });

  it("lists exactly the actions on disk", () => {
    const onDisk = actionFilesOnDisk().flatMap((source) =>
      exportsOf(source).map(({ name }) => `${source.file} ${name}`),
    );
    const inTable = Object.entries(ACTIONS).flatMap(([file, actions]) =>
      Object.keys(actions).map((name) => `${fileOf(file)} ${name}`),
    );
    expect(sorted(inTable)).toEqual(sorted(onDisk));
  });

  it("has a sample of every action's input", () => {
    const withInput = actionFilesOnDisk().flatMap(({ text }) =>
      [...text.matchAll(/export const (\w+) = \w+\s*\.inputSchema\(/g)].map(([, name]) => name),
    );
    expect(Object.keys(ACTION_INPUTS).sort()).toEqual(withInput.sort());
  });

  it("lists exactly the files with inline actions", () => {
    const onDisk = inlineActionFilesOnDisk().map(({ file }) => file);
    expect(sorted(Object.keys(INLINE_ACTIONS))).toEqual(sorted(onDisk));
  });
});

describe("directivesIn", () => {
  const file = [
    '"use server";',
    "'use server'",
    '\n\n  "use server";',
    '// who knows\n/* why\n not */ "use server";',
    '"use strict";\n"use server";',
    '\uFEFF"use server";',
    '"use\\x20server";',
    "'use\\u0020\\u{73}erver'",
    '"use \\\nserver"',
  ];
  it.each(file)("finds the directive of a file in %j", (text) => {
    expect(directivesIn(`${text}\nexport const a = 1;`)).toEqual(["file"]);
  });

  const inside = [
    'async function a() {\n  "use server";\n}',
    "const a = async () => { 'use server'; await b(); };",
    'const a = async () => {"use server"};',
    "const a = { async b() { /* c */ 'use server'\n await d() } };",
    'import b from "b";\n"use server";',
    "<p>it's</p>; function a() { \"use server\" } <p>it's</p>",
  ];
  it.each(inside)("finds the directive of a function in %j", (text) => {
    expect(directivesIn(text)).toEqual(["function"]);
  });

  const none = ['"use client";', "use server", '"use servers";', '"user server"', "`use server`"];
  it.each(none)("finds no directive in %j", (text) => {
    expect(directivesIn(text)).toEqual([]);
  });
});

describe("every route file", () => {
  it.each(routeFilesOnDisk())("exports its methods by name: $file", (source) => {
    for (const { name } of exportsOf(source)) expect(name).not.toBe("");
  });
});

describe("every action", () => {
  const actions = actionFilesOnDisk().flatMap((source) =>
    exportsOf(source).map((exported) => ({ ...source, ...exported })),
  );

  it.each(actions)("uses the client of the table: $name", ({ file, name, builtBy, text }) => {
    expect(builtBy).toBe(ACTIONS[file.replace(/\.ts$/, "")]?.[name]);
    expect(text).toMatch(/import \{[^}]*\} from "@\/accounts\/safe-action"/);
  });

  it("is an admin action exactly when it belongs to the console", () => {
    for (const { file, builtBy } of actions) {
      const isOfConsole = file.startsWith("app/[locale]/(admin)/");
      expect(/^(sensitiveA|a)dminAction$/.test(builtBy), file).toBe(isOfConsole);
    }
  });

  it("only calls the action of the table when it is inline", () => {
    for (const { file, text } of inlineActionFilesOnDisk()) {
      const bodies = [...text.matchAll(/"use server";\s*(.*?)\n\s*\}/gs)].map(([, body]) => body);
      expect(bodies, file).toHaveLength(directivesIn(text).length);
      for (const body of bodies)
        expect(body).toMatch(new RegExp(`^await ${INLINE_ACTIONS[file]}\\([^;]*\\);$`));
    }
  });
});
