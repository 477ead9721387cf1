import { describe, expect, it } from "vitest";
import {
  actionFilesOnDisk,
  exportsOf,
  inlineActionFilesOnDisk,
  pagesOnDisk,
  routeFilesOnDisk,
  routesOnDisk,
} from "./doors";
import { ACTIONS, INLINE_ACTIONS, PAGES, ROUTES } from "./table";

const sorted = (names: Iterable<string>) => [...names].sort();
const fileOf = (name: string) => `${name}.ts`;

describe("the table of who may do what", () => {
  it("has every page on disk, and no other", () => {
    expect(sorted(Object.keys(PAGES))).toEqual(sorted(pagesOnDisk()));
  });

  it("has every method of every route on disk, and no other", () => {
    expect(sorted(Object.keys(ROUTES))).toEqual(sorted(routesOnDisk()));
  });

  it("has every action on disk, and no other", () => {
    const onDisk = actionFilesOnDisk().flatMap((source) =>
      exportsOf(source).map(({ name }) => `${source.file} ${name}`),
    );
    const inTable = Object.entries(ACTIONS).flatMap(([file, actions]) =>
      Object.keys(actions).map((name) => `${fileOf(file)} ${name}`),
    );
    expect(sorted(inTable)).toEqual(sorted(onDisk));
  });

  it("has every page that has an action inside", () => {
    const onDisk = inlineActionFilesOnDisk().map(({ file }) => file);
    expect(sorted(Object.keys(INLINE_ACTIONS))).toEqual(sorted(onDisk));
  });
});

describe("every route", () => {
  it.each(routeFilesOnDisk())("$file exports its methods by their names", (source) => {
    for (const { name } of exportsOf(source)) expect(name).not.toBe("");
  });
});

describe("every action", () => {
  const actions = actionFilesOnDisk().flatMap((source) =>
    exportsOf(source).map((exported) => ({ ...source, ...exported })),
  );

  it.each(actions)("$name asks who calls, as the table says", ({ file, name, builtBy, text }) => {
    expect(builtBy).toBe(ACTIONS[file.replace(/\.ts$/, "")]?.[name]);
    expect(text).toMatch(/import \{[^}]*\} from "(@\/app\/actions|\.\.?)\/safe-action"/);
  });

  it("below actions/admin is an admin's, and no other is", () => {
    for (const { file, builtBy } of actions) {
      expect(builtBy === "adminAction", file).toBe(file.startsWith("actions/admin/"));
    }
  });

  it("inside a component does nothing but call the one that the table names", () => {
    for (const { file, text } of inlineActionFilesOnDisk()) {
      const bodies = [...text.matchAll(/"use server";\s*(.*?)\n\s*\}/gs)].map(([, body]) => body);
      expect(bodies).not.toEqual([]);
      for (const body of bodies)
        expect(body).toMatch(new RegExp(`^await ${INLINE_ACTIONS[file]}\\([^;]*\\);$`));
    }
  });
});
