import { CAPTCHA_HEADER } from "@/lib/captcha";
import type { Locale } from "@/lib/locales";

/** The sign-in and sign-up pages set it before they redirect to Google or GitHub. */
export const TIME_ZONE_COOKIE = "qiflow.time-zone";

/** The language of the page that sends a request to the auth routes. Its emails use it. */
export const PAGE_LANGUAGE_HEADER = "x-page-language";

/** `code` is better-auth's. Status 0 with `UNREACHABLE` means that no response arrived. */
export interface AuthFailure {
  readonly status: number;
  readonly code: string;
  /** Set with status 429. */
  readonly retryAfterSeconds: number | null;
}

export interface AuthResult {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly error: AuthFailure | null;
}

const TIMEOUT_MS = 20_000;

/**
 * Calls the better-auth routes that our pages use. Each call is one request to our own origin, and
 * its response sets the cookies. Never throws. better-auth's own client would add its whole session
 * store to every page.
 */
export const authClient = {
  signUp: (input: {
    name: string;
    email: string;
    password: string;
    locale: Locale;
    timeZone: string;
    /** The token of the captcha, if there is one. */
    captchaToken: string | null;
  }) => {
    const { captchaToken, ...person } = input;
    return post(
      "/sign-up/email",
      person,
      captchaToken === null ? {} : { [CAPTCHA_HEADER]: captchaToken },
    );
  },
  signIn: (input: { email: string; password: string }) => post("/sign-in/email", input),
  /** Returns `{ url }`, the provider's page. */
  signInWith: (input: { provider: string; callbackURL: string; errorCallbackURL: string }) =>
    post("/sign-in/social", { ...input, disableRedirect: true }),
  signOut: () => post("/sign-out", {}),
  requestPasswordReset: (input: { email: string }) => post("/request-password-reset", input),
  resetPassword: (input: { newPassword: string; token: string }) => post("/reset-password", input),
  sendVerificationEmail: (input: { email: string; callbackURL: string }) =>
    post("/send-verification-email", input),
  /** Also signs out all other devices. */
  changePassword: (input: { currentPassword: string; newPassword: string }) =>
    post("/change-password", { ...input, revokeOtherSessions: true }),
  /**
   * Starts the set-up of an authenticator app. Returns `{ totpURI, backupCodes }`. The app counts once
   * `verifyCode` has accepted its first code. Only an account with a password sends it.
   */
  enableTwoFactor: (input: PasswordIfAny) => post("/two-factor/enable", input),
  disableTwoFactor: (input: PasswordIfAny) => post("/two-factor/disable", input),
  /** Returns `{ backupCodes }`. The earlier ones stop working. */
  createBackupCodes: (input: PasswordIfAny) => post("/two-factor/generate-backup-codes", input),
  /** The second step of a sign-in; in a session, a proof. Apps show a code as two groups. */
  verifyCode: ({ code, ...input }: SecondStep) =>
    post("/two-factor/verify-totp", { ...input, code: code.replace(/\s/g, "") }),
  verifyBackupCode: ({ code, ...input }: SecondStep) =>
    post("/two-factor/verify-backup-code", { ...input, code: code.trim() }),
};

interface PasswordIfAny {
  readonly password?: string;
}

interface SecondStep {
  readonly code: string;
  /** Asks for no code on this browser for 30 days. */
  readonly trustDevice?: boolean;
}

async function post(
  path: string,
  input: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<AuthResult> {
  try {
    const response = await fetch(`/api/auth${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        [PAGE_LANGUAGE_HEADER]: document.documentElement.lang,
        ...headers,
      },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const data = await readObject(response);
    return response.ok ? { data, error: null } : { data: null, error: failure(response, data) };
  } catch {
    const error = { status: 0, code: "UNREACHABLE", retryAfterSeconds: null };
    return { data: null, error };
  }
}

async function readObject(response: Response): Promise<AuthResult["data"]> {
  const text = await response.text();
  if (text === "") return null;
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null ? { ...parsed } : null;
}

function failure(response: Response, data: AuthResult["data"]): AuthFailure {
  const code = data?.code;
  const retryAfter = Number(response.headers.get("retry-after"));
  return {
    status: response.status,
    code: typeof code === "string" ? code : "UNKNOWN",
    retryAfterSeconds: retryAfter > 0 ? retryAfter : null,
  };
}
