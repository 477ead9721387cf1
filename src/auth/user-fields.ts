import { z } from "zod";
import { DEFAULT_LOCALE, LOCALES } from "@/lib/locales";
import { canonicalTimeZone } from "@/lib/time-zones";
import { nameProblem } from "./field-problems";

/** Its issues are keys of the `auth.problems` messages, which a form translates. */
export const personName = z
  .string()
  .trim()
  .superRefine((name, context) => {
    const problem = nameProblem(name);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });

/** The name that Google or GitHub reports, or the start of the address if it breaks our rules. */
export function nameFromProvider({ name, email }: { name: string; email: string }): string {
  const parsed = personName.safeParse(name);
  return parsed.success ? parsed.data : (email.split("@")[0] ?? "");
}

export const language = z.enum(LOCALES);

/** Parses to the canonical spelling. */
export const timeZone = z.string().transform((name, context) => {
  const canonical = canonicalTimeZone(name);
  if (canonical !== null) return canonical;
  context.addIssue({ code: "custom", message: "time_zone_unknown" });
  return z.NEVER;
});

/**
 * Our columns of the user table. A client may set only the language and the time zone; better-auth
 * refuses a sign-up that sets any other.
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
    // A browser may know a zone that this runtime does not. That must not fail the sign-up.
    validator: { input: timeZone.catch("UTC") },
  },
  stripeCustomerId: { type: "string", required: false, input: false, returned: false },
  deletedAt: { type: "date", required: false, input: false },
} as const;
