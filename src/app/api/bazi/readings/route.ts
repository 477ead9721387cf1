import { requireUser } from "@/accounts/session";
import { InvalidInput } from "@/lib/errors";
import { readingRequestSchema, submitReading } from "@/products/bazi/submit-reading";
import { readText, requireSameOrigin } from "../../request";
import { respond } from "../../respond";

const MAX_BODY_BYTES = 8 * 1024;

/**
 * Creates a reading. Returns 201 when created, 200 when the id already exists, 400 with one problem
 * per field, and 402 with `required` and `available` when the balance is too low.
 */
export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    requireSameOrigin(request);
    const { id: userId } = await requireUser();
    const caller = { userId, headers: request.headers };
    const reading = await submitReading(caller, await readRequest(request));
    if (reading.status === "invalid") {
      return Response.json(
        { error: { code: "invalid_birth", details: reading.problems } },
        { status: 400 },
      );
    }
    return Response.json({ id: reading.id }, { status: reading.created ? 201 : 200 });
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
