import { isPlainText, isVisible } from "@/lib/plain-text";

/**
 * Problems of a form field, as keys of the `auth.problems` messages. Plain functions that the
 * browser and the server share: a schema library in the browser would outweigh the forms.
 */
export type FieldProblem =
  | "name_missing"
  | "name_too_long"
  | "name_unusable"
  | "email_missing"
  | "email_invalid"
  | "password_missing"
  | "password_too_short"
  | "password_too_long";

export const PASSWORD_LENGTH = { min: 8, max: 128 } as const;
const MAX_NAME_LENGTH = 80;
const MAX_EMAIL_LENGTH = 254;
/** Catches typing errors only. The server validates the address. */
const EMAIL_SHAPE = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/;

export function nameProblem(name: string): FieldProblem | null {
  if (name.trim() === "") return "name_missing";
  if (name.trim().length > MAX_NAME_LENGTH) return "name_too_long";
  const isUsable = isPlainText(name) && isVisible(name) && !/[\t\n\r]/.test(name.trim());
  return isUsable ? null : "name_unusable";
}

export function emailProblem(email: string): FieldProblem | null {
  if (email.trim() === "") return "email_missing";
  const isValid = email.length <= MAX_EMAIL_LENGTH && EMAIL_SHAPE.test(email.trim());
  return isValid ? null : "email_invalid";
}

export function newPasswordProblem(password: string): FieldProblem | null {
  if (password === "") return "password_missing";
  if (password.length < PASSWORD_LENGTH.min) return "password_too_short";
  return password.length > PASSWORD_LENGTH.max ? "password_too_long" : null;
}
