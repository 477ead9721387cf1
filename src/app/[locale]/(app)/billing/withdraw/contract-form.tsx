"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { withdraw } from "@/app/withdrawal/actions";
import { type Statement, WithdrawalSteps } from "@/app/withdrawal/withdrawal-steps";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { focusFirstInvalid } from "@/components/ui/focus-first-invalid";
import { RadioGroup } from "@/components/ui/radio-group";

/** A purchase to choose, and the statement that withdraws from it. */
export interface ContractChoice {
  readonly contractId: string;
  readonly label: string;
  readonly details: string;
  readonly statement: Statement;
}

/** The statement of a member, who chooses the purchase. */
export function ContractForm({
  formId,
  choices,
}: {
  formId: string;
  choices: readonly ContractChoice[];
}) {
  return (
    <WithdrawalSteps<{ id: string; contractId: string }> action={withdraw}>
      {(onState) => (
        <Choice
          choices={choices}
          onChoose={({ contractId, statement }) => onState(statement, { id: formId, contractId })}
        />
      )}
    </WithdrawalSteps>
  );
}

function Choice({
  choices,
  onChoose,
}: {
  choices: readonly ContractChoice[];
  onChoose: (choice: ContractChoice) => void;
}) {
  const t = useTranslations("withdrawal.choose");
  const form = useRef<HTMLFormElement>(null);
  const [chosenId, setChosenId] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const choice = choices.find(({ contractId }) => contractId === chosenId);
    flushSync(() => setIsMissing(choice === undefined));
    if (choice === undefined) focusFirstInvalid(form.current);
    else onChoose(choice);
  };
  return (
    <form ref={form} method="post" onSubmit={submit} noValidate className="grid gap-5">
      <Field label={t("label")} error={isMissing && t("missing")}>
        <RadioGroup
          className="flex-col gap-y-4"
          value={chosenId}
          onValueChange={(contractId) => {
            setChosenId(contractId);
            setIsMissing(false);
          }}
          options={choices.map(({ contractId, label, details }) => ({
            value: contractId,
            label,
            hint: details,
          }))}
        />
      </Field>
      <Button type="submit" variant="primary" className="justify-self-start">
        {t("continue")}
      </Button>
    </form>
  );
}
