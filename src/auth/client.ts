import type {
  PublicKeyCredentialCreationOptionsJSON as CreationOptions,
  PublicKeyCredentialRequestOptionsJSON as RequestOptions,
} from "@simplewebauthn/browser";
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
  /** Signs in with a passkey, whose account the browser knows. */
  signInWithPasskey: () => sendPasskey("/passkey/verify-authentication"),
  /**
   * Signs in with a passkey that the user chooses in the autofill of a field with `webauthn` in its
   * `autocomplete`. Resolves when they do, or to `PASSKEY_CANCELLED`. Null if the browser can't do it.
   */
  signInWithAutofill: async () =>
    (await window.PublicKeyCredential?.isConditionalMediationAvailable?.())
      ? sendPasskey("/passkey/verify-authentication", { useAutofill: true })
      : null,
  /** Confirms in a session that it is the user's. */
  confirmPasskey: () => sendPasskey("/passkey/confirm"),
  /** Creates a passkey on this device and adds it to the account of the session. */
  addPasskey,
  /** Ends a request for a passkey that waits for the user. */
  async cancelPasskey() {
    const { WebAuthnAbortService } = await import("@simplewebauthn/browser");
    WebAuthnAbortService.cancelCeremony();
  },
};

/** Lets the user choose one of their passkeys and sends its response. */
async function sendPasskey(path: string, { useAutofill = false } = {}): Promise<AuthResult> {
  if (!window.PublicKeyCredential) return failed("PASSKEY_UNSUPPORTED");
  const { data, error } = await send("/passkey/generate-authenticate-options");
  // Nobody has chosen a passkey in the autofill yet.
  if (error !== null) return useAutofill ? failed("PASSKEY_CANCELLED") : { data, error };
  try {
    const { startAuthentication } = await import("@simplewebauthn/browser");
    // better-auth asks for a preference only, and `passkeys` refuses a user who is not verified.
    const options = { ...data, userVerification: "required" } as RequestOptions;
    return await post(path, {
      response: await startAuthentication({
        optionsJSON: options,
        useBrowserAutofill: useAutofill,
      }),
    });
  } catch (failure) {
    return failed(codeOf(failure));
  }
}

async function addPasskey({ name }: { name: string }): Promise<AuthResult> {
  if (!window.PublicKeyCredential) return failed("PASSKEY_UNSUPPORTED");
  const { data, error } = await send("/passkey/generate-register-options");
  if (error !== null) return { data, error };
  try {
    const { startRegistration } = await import("@simplewebauthn/browser");
    const options: unknown = data;
    const response = await startRegistration({ optionsJSON: options as CreationOptions });
    return await post("/passkey/verify-registration", { name, response });
  } catch (failure) {
    return failed(codeOf(failure));
  }
}

/** The names of the browser's errors, which the library's errors keep. */
const PASSKEY_ERRORS: Readonly<Record<string, string>> = {
  NotAllowedError: "PASSKEY_CANCELLED",
  AbortError: "PASSKEY_CANCELLED",
  InvalidStateError: "PREVIOUSLY_REGISTERED",
  ConstraintError: "USER_NOT_VERIFIED",
};

function codeOf(failure: unknown): string {
  const name = failure instanceof Error ? failure.name : "";
  return PASSKEY_ERRORS[name] ?? "PASSKEY_FAILED";
}

function failed(code: string): AuthResult {
  return { data: null, error: { status: 0, code, retryAfterSeconds: null } };
}

interface PasswordIfAny {
  readonly password?: string;
}

interface SecondStep {
  readonly code: string;
  /** Asks for no code on this browser for 30 days. */
  readonly trustDevice?: boolean;
}

function post(
  path: string,
  input: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<AuthResult> {
  return send(path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      [PAGE_LANGUAGE_HEADER]: document.documentElement.lang,
      ...headers,
    },
    body: JSON.stringify(input),
  });
}

async function send(path: string, request: RequestInit = {}): Promise<AuthResult> {
  try {
    const response = await fetch(`/api/auth${path}`, {
      ...request,
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
