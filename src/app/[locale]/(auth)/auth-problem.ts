import type { AuthFailure } from "@/auth/client";
import type { FieldProblem } from "@/auth/field-problems";

/** A key of the `auth.problems` messages. */
export type ProblemCode =
  | FieldProblem
  | "email_taken"
  | "password_common"
  | "password_personal"
  | "password_breached"
  | "wrong_credentials"
  | "wrong_password"
  | "captcha"
  | "captcha_unavailable"
  | "suspended"
  | "link_invalid"
  | "already_verified"
  | "code_missing"
  | "code_wrong"
  | "code_used"
  | "challenge_ended"
  | "proof_missing"
  | "passkey_name_missing"
  | "passkey_unsupported"
  | "passkey_cancelled"
  | "passkey_unverified"
  | "passkey_unknown"
  | "passkey_exists"
  | "passkey_failed"
  | "passkeys_full"
  | "rate_limited"
  | "rate_limited_hours"
  | "unreachable"
  | "unexpected";

export interface Problem {
  readonly code: ProblemCode;
  /** For the two `rate_limited`: minutes until the next attempt. Otherwise 0. */
  readonly minutes: number;
}

/** Problems by field. `form` holds the problem of no particular field. */
export type Problems<Field extends string> = Partial<Record<Field | "form", Problem>>;

type AnyField = "name" | "email" | "password" | "newPassword" | "currentPassword" | "code";

/** The error codes of better-auth, each with our code and its field. */
const MEANINGS: Readonly<Record<string, { field: AnyField | "form"; code: ProblemCode }>> = {
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: { field: "email", code: "email_taken" },
  USER_ALREADY_EXISTS: { field: "email", code: "email_taken" },
  // Of two concurrent sign-ups with one address, the loser gets this code.
  FAILED_TO_CREATE_USER: { field: "email", code: "email_taken" },
  INVALID_EMAIL: { field: "email", code: "email_invalid" },
  VALIDATION_ERROR: { field: "email", code: "email_invalid" },
  INVALID_NAME: { field: "name", code: "name_missing" },
  PASSWORD_TOO_SHORT: { field: "password", code: "password_too_short" },
  PASSWORD_TOO_LONG: { field: "password", code: "password_too_long" },
  PASSWORD_COMMON: { field: "password", code: "password_common" },
  PASSWORD_PERSONAL: { field: "password", code: "password_personal" },
  PASSWORD_BREACHED: { field: "password", code: "password_breached" },
  INVALID_PASSWORD: { field: "currentPassword", code: "wrong_password" },
  INVALID_EMAIL_OR_PASSWORD: { field: "form", code: "wrong_credentials" },
  MISSING_RESPONSE: { field: "form", code: "captcha" },
  VERIFICATION_FAILED: { field: "form", code: "captcha" },
  CAPTCHA_UNAVAILABLE: { field: "form", code: "captcha_unavailable" },
  BANNED_USER: { field: "form", code: "suspended" },
  INVALID_TOKEN: { field: "form", code: "link_invalid" },
  TOKEN_EXPIRED: { field: "form", code: "link_invalid" },
  USER_NOT_FOUND: { field: "form", code: "link_invalid" },
  EMAIL_ALREADY_VERIFIED: { field: "form", code: "already_verified" },
  INVALID_CODE: { field: "code", code: "code_wrong" },
  INVALID_BACKUP_CODE: { field: "code", code: "code_wrong" },
  CODE_USED: { field: "code", code: "code_used" },
  INVALID_TWO_FACTOR_COOKIE: { field: "form", code: "challenge_ended" },
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: { field: "form", code: "challenge_ended" },
  PROOF_REQUIRED: { field: "form", code: "proof_missing" },
  SESSION_ENDED: { field: "form", code: "challenge_ended" },
  PASSKEY_UNSUPPORTED: { field: "form", code: "passkey_unsupported" },
  PASSKEY_CANCELLED: { field: "form", code: "passkey_cancelled" },
  USER_NOT_VERIFIED: { field: "form", code: "passkey_unverified" },
  PASSKEY_NOT_FOUND: { field: "form", code: "passkey_unknown" },
  PREVIOUSLY_REGISTERED: { field: "form", code: "passkey_exists" },
  TOO_MANY_PASSKEYS: { field: "form", code: "passkeys_full" },
  PASSKEY_FAILED: { field: "form", code: "passkey_failed" },
  CHALLENGE_NOT_FOUND: { field: "form", code: "passkey_failed" },
  AUTHENTICATION_FAILED: { field: "form", code: "passkey_failed" },
  FAILED_TO_VERIFY_REGISTRATION: { field: "form", code: "passkey_failed" },
  UNREACHABLE: { field: "form", code: "unreachable" },
};

/** better-auth's lock after ten wrong codes, the only 429 without a retry header. */
const LOCK_SECONDS = 900;

/** Assigns a failure to its field, or to `form` when the form does not have the field. */
export function problemsOf<Field extends string>(
  failure: AuthFailure,
  fields: readonly Field[],
): Problems<Field> {
  const place = (field: Field | "form", code: ProblemCode, minutes = 0): Problems<Field> => {
    const problems: Problems<Field> = {};
    problems[field] = { code, minutes };
    return problems;
  };
  if (failure.status === 429) {
    const minutes = Math.ceil((failure.retryAfterSeconds ?? LOCK_SECONDS) / 60);
    return place("form", minutes < 120 ? "rate_limited" : "rate_limited_hours", minutes);
  }
  const meaning = MEANINGS[failure.code];
  if (meaning === undefined) return place("form", "unexpected");
  const field = fields.find((name) => name === meaning.field);
  return place(field ?? "form", meaning.code);
}
