import { APIError } from "better-auth/api";
import { DEFAULT_LOCALE } from "@/lib/locales";
import { language, personName, signUpTimeZone } from "./input";

/**
 * Our columns of the user table. Only language and time zone may come from a client (checked); the
 * rest is the server's: a sign-up that names one of them is refused.
 */
export const USER_FIELDS = {
  locale: {
    type: "string",
    required: false,
    defaultValue: DEFAULT_LOCALE,
    validator: { input: language },
  },
  timeZone: {
    type: "string",
    required: false,
    defaultValue: "UTC",
    validator: { input: signUpTimeZone },
  },
  stripeCustomerId: { type: "string", required: false, input: false, returned: false },
  deletedAt: { type: "date", required: false, input: false },
} as const;

/** better-auth takes any name and any picture's address at sign-up; we take a name, and no picture. */
export function refuseBadSignUp(path: string, body: unknown): void {
  if (path !== "/sign-up/email" || typeof body !== "object" || body === null) return;
  const name = "name" in body ? personName.safeParse(body.name) : null;
  if (name?.success && !("image" in body)) return;
  throw new APIError("BAD_REQUEST", {
    code: name?.success ? "FIELD_NOT_ALLOWED" : "INVALID_NAME",
    message: name?.success
      ? "image is not allowed to be set"
      : "The name must have 1 to 80 characters.",
  });
}
