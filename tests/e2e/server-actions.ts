import { readFileSync } from "node:fs";
import type { APIRequestContext } from "@playwright/test";
import { z } from "zod";

/** Next writes down under which id the browser calls which action, and the pages that have it. */
const manifest = z
  .object({
    node: z.record(
      z.string(),
      z.object({
        filename: z.string(),
        exportedName: z.string(),
        workers: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(".next/server/server-reference-manifest.json", "utf8")));

export interface ServerAction {
  readonly id: string;
  /** The pages that have it, as Next names them: `app/[locale]/(app)/settings/page`. */
  readonly workers: readonly string[];
}

/** Every action of the build, and where it is written. */
export const builtActions = Object.values(manifest.node);

/** The action that a file of `src/app/actions` exports under this name. */
export function findAction(file: string, name: string): ServerAction {
  const [id, action] =
    Object.entries(manifest.node).find(
      ([, { filename, exportedName }]) => filename === file && exportedName === name,
    ) ?? [];
  if (id === undefined || action === undefined) throw new Error(`The build has no ${name}.`);
  return { id, workers: Object.keys(action.workers) };
}

/** Calls an action as a browser does, from a page that has it; answers the raw stream. */
export async function callAction(
  caller: APIRequestContext,
  { id, page, input }: { id: string; page: string; input: object },
): Promise<string> {
  const send = (address: string) =>
    caller.post(address, {
      headers: {
        "next-action": id,
        "content-type": "text/plain;charset=UTF-8",
        accept: "text/x-component",
      },
      data: JSON.stringify([input]),
      maxRedirects: 0,
    });
  const answer = await send(page);
  // Whoever last looked at Chinese pages is led to the Chinese address of this one.
  const location = answer.headers().location;
  return (answer.status() === 307 && location ? await send(location) : answer).text();
}
