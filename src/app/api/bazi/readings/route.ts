import { requireUser } from "@/auth/session";
import { InvalidInput } from "@/lib/errors";
import { respond } from "../../respond";
import { requireSameOrigin } from "../../same-origin";
import { makeReading, readingRequestSchema } from "../make-reading";

const MAX_BODY_BYTES = 8 * 1024;

/**
 * Makes a reading: 201 when it was made now, 200 when this id was made before, 400 with the problem
 * of each field, 402 with `required` and `available` when there are too few credits.
 */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    requireSameOrigin(request);
    const { id: userId } = await requireUser();
    const caller = { userId, headers: request.headers };
    const made = await makeReading(caller, await readRequest(request));
    if (made.status === "invalid") {
      return Response.json(
        { error: { code: "invalid_birth", details: made.problems } },
        { status: 400 },
      );
    }
    return Response.json({ id: made.id }, { status: made.created ? 201 : 200 });
  });
}

async function readRequest(request: Request) {
  const parsed = readingRequestSchema.safeParse(parseJson(await readCapped(request)));
  if (!parsed.success) throw new InvalidInput("A reading needs readingId and birth.");
  return parsed.data;
}

/** Stops reading at the limit, whatever length was announced. */
async function readCapped(request: Request): Promise<string> {
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      await reader.cancel();
      throw new InvalidInput("The request is too long.");
    }
    chunks.push(part.value);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInput("The request is not JSON.");
  }
}
