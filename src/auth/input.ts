import { z } from "zod";
import { LOCALES } from "@/lib/locales";
import { nameProblem } from "./field-problems";

/** Its messages are keys of the `auth.problems` messages, so that a form says them in its language. */
export const personName = z
  .string()
  .trim()
  .superRefine((name, context) => {
    const problem = nameProblem(name);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });

export const language = z.enum(LOCALES);

/** An IANA zone that this runtime knows. Offsets such as `+08:00` are none: they have no summer time. */
export const timeZone = z
  .string()
  .max(64, "time_zone_unknown")
  .refine(isTimeZone, "time_zone_unknown");

/** A browser may know a zone that this server's calendar data lack: no reason to turn a person away. */
export const signUpTimeZone = timeZone.catch("UTC");

/** True for `Asia/Shanghai` and `UTC`, false for anything else than an IANA name. */
export function isTimeZone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** What a person may change about themselves in the settings. */
export const profileInput = z.object({ name: personName, locale: language, timeZone });
