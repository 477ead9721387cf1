import { auth } from "@/accounts/auth";
import { readText } from "../../request";
import { respond } from "../../respond";

/** The longest form is a sign-up; names and passwords have limits of their own. */
const MAX_BODY_BYTES = 16 * 1024;

/** Long enough that sending a reset mail, or finding no such address, take the same time. */
const RESET_REQUEST_MS = 400;

export async function GET(request: Request): Promise<Response> {
  return auth.handler(request);
}

export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const body = await readText(request, MAX_BODY_BYTES);
    const asksForReset = new URL(request.url).pathname.endsWith("/request-password-reset");
    const [response] = await Promise.all([
      auth.handler(new Request(request, { body })),
      asksForReset ? new Promise((resolve) => setTimeout(resolve, RESET_REQUEST_MS)) : null,
    ]);
    return withRetryAfter(response);
  });
}

/** better-auth says when to come back in a header of its own; HTTP has a standard one. */
function withRetryAfter(response: Response): Response {
  const seconds = response.headers.get("x-retry-after");
  if (response.status !== 429 || seconds === null) return response;
  const headers = new Headers(response.headers);
  headers.set("retry-after", seconds);
  return new Response(response.body, { status: 429, headers });
}
