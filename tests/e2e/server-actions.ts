import { readFileSync } from "node:fs";
import type { APIRequestContext } from "@playwright/test";
import { z } from "zod";

/** Next.js lists the id of every action and the pages that include it. */
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
  /** The pages that include the action, as Next.js names them: `app/[locale]/(app)/settings/page`. */
  readonly workers: readonly string[];
}

/** Every action of the build with its file. */
export const builtActions = Object.values(manifest.node);

/**
 * Finds an action of the build by its file and its exported name.
 * @throws Error when the build does not have it
 */
export function findAction(file: string, name: string): ServerAction {
  const [id, action] =
    Object.entries(manifest.node).find(
      ([, { filename, exportedName }]) => filename === file && exportedName === name,
    ) ?? [];
  if (id === undefined || action === undefined) throw new Error(`The build has no action ${name}.`);
  return { id, workers: Object.keys(action.workers) };
}

/** Calls an action from a page that includes it, as a browser does. Returns the raw stream. */
export async function callAction(
  caller: APIRequestContext,
  options: {
    id: string;
    page: string;
    input: object;
    /** The first argument of a signed-in action. By default the page was rendered for a guest. */
    renderedFor?: string | null;
    /** Sent as the Origin header, unless the caller always sends one. */
    origin?: string;
  },
): Promise<string> {
  const { id, page, input, renderedFor = null, origin } = options;
  const send = (url: string) =>
    caller.post(url, {
      headers: {
        "next-action": id,
        "content-type": "text/plain;charset=UTF-8",
        accept: "text/x-component",
        ...(origin !== undefined && { origin }),
      },
      data: JSON.stringify([renderedFor, input]),
      maxRedirects: 0,
    });
  const response = await send(page);
  // A caller with the language cookie for Chinese is redirected to the Chinese URL.
  const location = response.headers().location;
  return (response.status() === 307 && location ? await send(location) : response).text();
}
