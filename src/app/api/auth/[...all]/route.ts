import { auth } from "@/accounts/auth";
import { readText } from "../../request";
import { respond } from "../../respond";

/** Enough for a sign-up, the longest form. */
const MAX_BODY_BYTES = 16 * 1024;

/** The minimum duration of a reset request, so that its timing does not reveal known addresses. */
const MIN_RESET_REQUEST_MS = 400;

export async function GET(request: Request): Promise<Response> {
  return auth.handler(request);
}

export async function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const body = await readText(request, MAX_BODY_BYTES);
    const isResetRequest = new URL(request.url).pathname.endsWith("/request-password-reset");
    const [response] = await Promise.all([
      auth.handler(new Request(request, { body })),
      isResetRequest ? new Promise((resolve) => setTimeout(resolve, MIN_RESET_REQUEST_MS)) : null,
    ]);
    return withRetryAfter(response);
  });
}

/** Copies better-auth's own retry header to the standard one. */
function withRetryAfter(response: Response): Response {
  const seconds = response.headers.get("x-retry-after");
  if (response.status !== 429 || seconds === null) return response;
  const headers = new Headers(response.headers);
  headers.set("retry-after", seconds);
  return new Response(response.body, { status: 429, headers });
}
