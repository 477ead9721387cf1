"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import type { AuthResult } from "@/auth/client";
import { PASSWORD_LENGTH } from "@/auth/field-problems";
import { type Problem, type ProblemCode, type Problems, problemsOf } from "./auth-problem";

interface AuthForm<Field extends string> {
  readonly fields: readonly Field[];
  /** Validates the fields in the browser. */
  readonly check: (values: Record<Field, string>) => Record<Field, ProblemCode | null>;
  readonly send: (values: Record<Field, string>) => Promise<AuthResult>;
  /** Called on success. Returns true to keep the form pending while the browser leaves the page. */
  readonly onDone: (values: Record<Field, string>, data: AuthResult["data"]) => boolean;
}

/**
 * Submits a form to the auth routes. Assigns each problem to its field and focuses the first. The
 * inputs are uncontrolled and keep what was typed.
 */
export function useAuthForm<Field extends string>({
  fields,
  check,
  send,
  onDone,
}: AuthForm<Field>) {
  const [problems, setProblems] = useState<Problems<Field>>({});
  const [pending, setPending] = useState(false);

  async function submit(form: HTMLFormElement): Promise<void> {
    const values = readValues(form, fields);
    const found = localProblems(fields, check(values));
    setProblems(found);
    if (focusFirst(form, fields, found)) return;
    setPending(true);
    const { data, error } = await send(values);
    if (error === null) {
      setPending(onDone(values, data));
      return;
    }
    const rejected = problemsOf(error, fields);
    setProblems(rejected);
    setPending(false);
    focusFirst(form, fields, rejected);
  }

  function onSubmit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    if (!pending) void submit(event.currentTarget);
  }

  return { problems, pending, onSubmit };
}

/** Returns a function for the text of a problem in the reader's language. */
export function useProblemText(): (problem: Problem | undefined) => string | undefined {
  const t = useTranslations("auth.problems");
  return (problem) => {
    if (problem === undefined) return undefined;
    const { code, minutes } = problem;
    return t(code, { minutes, hours: Math.ceil(minutes / 60), ...PASSWORD_LENGTH });
  };
}

function readValues<Field extends string>(form: HTMLFormElement, fields: readonly Field[]) {
  const typed = new FormData(form);
  const entries = fields.map((field) => [field, String(typed.get(field) ?? "")] as const);
  return Object.fromEntries(entries) as Record<Field, string>;
}

function localProblems<Field extends string>(
  fields: readonly Field[],
  found: Record<Field, ProblemCode | null>,
): Problems<Field> {
  const problems: Problems<Field> = {};
  for (const field of fields) {
    const code = found[field];
    if (code !== null) problems[field] = { code, minutes: 0 };
  }
  return problems;
}

/** Focuses the first field with a problem. Returns false if there is none. */
function focusFirst<Field extends string>(
  form: HTMLFormElement,
  fields: readonly Field[],
  problems: Problems<Field>,
): boolean {
  const first = fields.find((field) => problems[field] !== undefined);
  if (first === undefined) return false;
  form.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
  return true;
}
