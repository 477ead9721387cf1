"use client";

import { type FormEvent, useState } from "react";
import type { AuthResult } from "@/auth/client";
import type { FieldProblem } from "@/auth/field-problems";
import { type Problems, problemsOf } from "./auth-problem";

interface AuthForm<Field extends string> {
  readonly fields: readonly Field[];
  /** What the browser itself can see to be wrong with each field. */
  readonly check: (values: Record<Field, string>) => Record<Field, FieldProblem | null>;
  readonly send: (values: Record<Field, string>) => Promise<AuthResult>;
  /** Called when it worked. The form stays busy if this answers true: the page is being left. */
  readonly onDone: (values: Record<Field, string>) => boolean;
}

/**
 * A form that talks to the auth routes: checks, sends, and puts each problem beside its field,
 * moving the focus to the first. The inputs are left alone, so what was typed stays.
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
    const found = ownProblems(fields, check(values));
    setProblems(found);
    if (focusFirst(form, fields, found)) return;
    setPending(true);
    const { error } = await send(values);
    if (error === null) {
      setPending(onDone(values));
      return;
    }
    const refused = problemsOf(error, fields);
    setProblems(refused);
    setPending(false);
    focusFirst(form, fields, refused);
  }

  function onSubmit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    if (!pending) void submit(event.currentTarget);
  }

  return { problems, pending, onSubmit };
}

function readValues<Field extends string>(form: HTMLFormElement, fields: readonly Field[]) {
  const typed = new FormData(form);
  const entries = fields.map((field) => [field, String(typed.get(field) ?? "")] as const);
  return Object.fromEntries(entries) as Record<Field, string>;
}

function ownProblems<Field extends string>(
  fields: readonly Field[],
  found: Record<Field, FieldProblem | null>,
): Problems<Field> {
  const problems: Problems<Field> = {};
  for (const field of fields) {
    const code = found[field];
    if (code !== null) problems[field] = { code, minutes: 0 };
  }
  return problems;
}

/** True if a field has a problem. */
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
