import type { Locale } from "@/lib/locales";

/** Why a call was refused. `code` is better-auth's; 0 and `UNREACHABLE` when no answer came. */
export interface AuthFailure {
  readonly status: number;
  readonly code: string;
  /** With status 429: when to come back. */
  readonly retryAfterSeconds: number | null;
}

export interface AuthAnswer {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly error: AuthFailure | null;
}

const TIME_LIMIT_MS = 20_000;

/**
 * better-auth's routes from the browser, those that our pages use. Each call is one request to our
 * own origin; cookies are set by the answer. Written out, as the library's own client would bring
 * its whole session store to every page.
 */
export const authClient = {
  signUp: (input: {
    name: string;
    email: string;
    password: string;
    locale: Locale;
    timeZone: string;
  }) => post("/sign-up/email", input),
  signIn: (input: { email: string; password: string }) => post("/sign-in/email", input),
  /** Answers `{ url }`: the provider's page, to go to. */
  signInWith: (input: { provider: string; callbackURL: string; errorCallbackURL: string }) =>
    post("/sign-in/social", { ...input, disableRedirect: true }),
  signOut: () => post("/sign-out", {}),
  requestPasswordReset: (input: { email: string }) => post("/request-password-reset", input),
  resetPassword: (input: { newPassword: string; token: string }) => post("/reset-password", input),
  sendVerificationEmail: (input: { email: string; callbackURL: string }) =>
    post("/send-verification-email", input),
  /** Signs out all other devices. */
  changePassword: (input: { currentPassword: string; newPassword: string }) =>
    post("/change-password", { ...input, revokeOtherSessions: true }),
};

async function post(path: string, input: object): Promise<AuthAnswer> {
  try {
    const response = await fetch(`/api/auth${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    const data = await readObject(response);
    return response.ok ? { data, error: null } : { data: null, error: failure(response, data) };
  } catch {
    const error = { status: 0, code: "UNREACHABLE", retryAfterSeconds: null };
    return { data: null, error };
  }
}

async function readObject(response: Response): Promise<AuthAnswer["data"]> {
  const text = await response.text();
  if (text === "") return null;
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null ? { ...parsed } : null;
}

function failure(response: Response, data: AuthAnswer["data"]): AuthFailure {
  const code = data?.code;
  const retryAfter = Number(response.headers.get("retry-after"));
  return {
    status: response.status,
    code: typeof code === "string" ? code : "UNKNOWN",
    retryAfterSeconds: retryAfter > 0 ? retryAfter : null,
  };
}
