const TIME_LIMIT_MS = 10_000;

export type SignInAnswer =
  | { readonly status: "added" | "already" }
  | {
      readonly status: "failed";
      readonly error: { readonly code: string; readonly details: Readonly<Record<string, number>> };
    };

/** Asks for today's sign-in. Asking again is safe: a day is granted once. */
export async function postSignIn(): Promise<SignInAnswer> {
  try {
    const response = await fetch("/api/credits/daily-signin", {
      method: "POST",
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    if (response.ok) return { status: response.status === 201 ? "added" : "already" };
    return failed(response);
  } catch {
    return { status: "failed", error: { code: "offline", details: {} } };
  }
}

function failed(response: Response): SignInAnswer {
  const retryAfterSeconds = Number(response.headers.get("retry-after") ?? 60);
  const codes: Readonly<Record<number, string>> = {
    401: "not_signed_in",
    403: "not_allowed",
    429: "rate_limited",
  };
  const code = codes[response.status] ?? "unexpected";
  return { status: "failed", error: { code, details: { retryAfterSeconds } } };
}
