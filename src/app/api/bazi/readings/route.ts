import { requireUser } from "@/accounts/session";
import { InvalidInput } from "@/lib/errors";
import { makeReading, readingRequestSchema } from "@/products/bazi/make-reading";
import { readText, requireSameOrigin } from "../../request";
import { respond } from "../../respond";

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
  const parsed = readingRequestSchema.safeParse(parseJson(await readText(request, MAX_BODY_BYTES)));
  if (!parsed.success) throw new InvalidInput("A reading needs readingId and birth.");
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInput("The request is not JSON.");
  }
}
