"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { flushSync } from "react-dom";
import { fileStatement } from "@/app/withdrawal/actions";
import { type Statement, WithdrawalSteps } from "@/app/withdrawal/withdrawal-steps";
import { emailProblem } from "@/auth/field-problems";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { focusFirstInvalid } from "@/components/ui/focus-first-invalid";
import { Input } from "@/components/ui/input";

const FIELDS = ["name", "email", "purchase"] as const;
type Values = Record<(typeof FIELDS)[number], string>;

/** As in the action, so that the reason is shown beside the field. */
const LINK = /:\/\/|www\.|\w\.\w{2,}\//i;

/** The statement of a visitor, who names the purchase in words. */
export function StatementForm({ formId }: { formId: string }) {
  return (
    <WithdrawalSteps<Values & { id: string }> action={(_, input) => fileStatement(input)}>
      {(onState) => (
        <Fields
          onState={(values) => onState({ ...values, effects: [] }, { ...values, id: formId })}
        />
      )}
    </WithdrawalSteps>
  );
}

function Fields({ onState }: { onState: (values: Omit<Statement, "effects">) => void }) {
  const t = useTranslations("withdrawal.form");
  const [problems, setProblems] = useState<
    Partial<Record<keyof Values, "missing" | "email" | "link">>
  >({});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const read = (name: keyof Values) => String(data.get(name) ?? "").trim();
    const values = { name: read("name"), email: read("email"), purchase: read("purchase") };
    const found = Object.fromEntries(
      FIELDS.flatMap((name) => {
        const problem = problemOf(name, values[name]);
        return problem === null ? [] : [[name, problem]];
      }),
    );
    flushSync(() => setProblems(found));
    if (Object.keys(found).length > 0) return focusFirstInvalid(form);
    onState(values);
  };
  const textOf = (name: keyof Values) => problems[name] && t(`problems.${problems[name]}`);
  return (
    <form method="post" onSubmit={submit} noValidate className="grid gap-5">
      <Field label={t("name")} error={textOf("name")} required>
        <Input name="name" autoComplete="name" maxLength={100} />
      </Field>
      <Field label={t("purchase")} hint={t("purchaseHint")} error={textOf("purchase")} required>
        <Input name="purchase" maxLength={200} />
      </Field>
      <Field label={t("email")} error={textOf("email")} required>
        <Input name="email" type="email" autoComplete="email" inputMode="email" maxLength={254} />
      </Field>
      <Button type="submit" variant="primary">
        {t("continue")}
      </Button>
    </form>
  );
}

function problemOf(name: keyof Values, value: string): "missing" | "email" | "link" | null {
  if (value === "") return "missing";
  if (name === "email") return emailProblem(value) === null ? null : "email";
  return LINK.test(value) ? "link" : null;
}
