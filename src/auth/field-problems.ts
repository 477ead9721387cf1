/**
 * What can be wrong with a field, as keys of the `auth.problems` messages. Plain functions, for the
 * browser and the server alike: a schema library in the browser would weigh more than the forms.
 */
export type FieldProblem =
  | "name_missing"
  | "name_too_long"
  | "email_missing"
  | "email_invalid"
  | "password_missing"
  | "password_too_short"
  | "password_too_long";

export const PASSWORD_LENGTH = { min: 8, max: 128 } as const;
const NAME_LENGTH = 80;
/** Catches slips of the keyboard; the server has the last word. */
const LOOKS_LIKE_EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/;

export function nameProblem(name: string): FieldProblem | null {
  if (name.trim() === "") return "name_missing";
  return name.trim().length > NAME_LENGTH ? "name_too_long" : null;
}

export function emailProblem(email: string): FieldProblem | null {
  if (email.trim() === "") return "email_missing";
  return email.length > 254 || !LOOKS_LIKE_EMAIL.test(email.trim()) ? "email_invalid" : null;
}

export function newPasswordProblem(password: string): FieldProblem | null {
  if (password === "") return "password_missing";
  if (password.length < PASSWORD_LENGTH.min) return "password_too_short";
  return password.length > PASSWORD_LENGTH.max ? "password_too_long" : null;
}
