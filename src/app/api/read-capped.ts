import { InvalidInput } from "@/lib/errors";
import { readBody } from "@/lib/read-body";

/** The body as text. Throws `InvalidInput` if it is longer than `maxBytes`. */
export async function readCapped(request: Request, maxBytes: number): Promise<string> {
  const body = await readBody(request, maxBytes);
  if (body === null) throw new InvalidInput("The request is too long.");
  return body.toString("utf8");
}
