"use client";

import { useTranslations } from "next-intl";
import { PASSWORD_LENGTH } from "@/auth/field-problems";
import type { Problem } from "./auth-problem";

/** Says a problem in the reader's language; nothing when there is none. */
export function useProblemText(): (problem: Problem | undefined) => string | undefined {
  const t = useTranslations("auth.problems");
  return (problem) => problem && t(problem.code, { minutes: problem.minutes, ...PASSWORD_LENGTH });
}
