"use client";

import { useTranslations } from "next-intl";
import { type ChangeEvent, type FormEvent, useState, useTransition } from "react";
import type { CheckedFile, GrantFile, GrantResult } from "@/admin/users/bulk-grants";
import type { ActionFailure } from "@/components/call-action";
import { FailureAlert } from "@/components/failure-alert";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button, buttonVariants } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Stat, StatList } from "@/components/ui/stat";
import { Textarea } from "@/components/ui/textarea";
import { useCreditsText } from "@/components/use-credits-text";
import { useServerAction } from "@/components/use-server-action";
import { applyGrants, checkGrants } from "./actions";
import { GrantsTable, InvalidLines } from "./grants-table";

/** A file that was checked, and the results once it was applied. */
interface Checked {
  readonly file: GrantFile;
  readonly check: CheckedFile;
  readonly results: readonly GrantResult[] | null;
}

/** Takes a file or pasted lines, shows what they would grant, and grants it. */
export function GrantsForm({ formId }: { formId: string }) {
  const t = useTranslations("admin.grants");
  const { run } = useServerAction();
  const [id, setId] = useState(formId);
  const [text, setText] = useState("");
  const [checked, setChecked] = useState<Checked | null>(null);
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  const [isPending, startTransition] = useTransition();
  const load = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.currentTarget.files?.[0];
    if (file === undefined) return;
    setText(await file.text());
    setChecked(null);
  };
  const check = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const file = { name: String(new FormData(event.currentTarget).get("name")), text };
    startTransition(async () => {
      const outcome = await run((renderedFor) => checkGrants(renderedFor, file));
      setFailure(outcome.failure);
      setChecked(outcome.data ? { file, check: outcome.data, results: null } : null);
    });
  };
  const apply = async ({ file, check }: Checked) => {
    const outcome = await run((renderedFor) => applyGrants(renderedFor, { id, ...file }));
    setFailure(outcome.failure);
    if (!outcome.data) return;
    setChecked({ file, check, results: outcome.data.results });
    setId(outcome.data.nextFormId);
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <Card>
        <form onSubmit={check} className="grid gap-4">
          <Field label={t("name")} hint={t("nameHint")} required className="max-w-xl">
            <Input name="name" minLength={3} maxLength={100} onChange={() => setChecked(null)} />
          </Field>
          <label
            className={cn(
              buttonVariants(),
              "justify-self-start focus-within:outline-2 focus-within:outline-ring focus-within:outline-offset-2",
            )}
          >
            {t("file")}
            <input
              type="file"
              accept=".csv,.tsv,.txt,text/csv,text/plain"
              onChange={load}
              className="sr-only"
            />
          </label>
          <Field label={t("lines")} hint={t("linesHint")} required>
            <Textarea
              name="text"
              rows={8}
              maxLength={200_000}
              spellCheck={false}
              className="whitespace-pre font-mono text-sm"
              value={text}
              onChange={(event) => {
                setText(event.currentTarget.value);
                setChecked(null);
              }}
            />
          </Field>
          {failure && (
            <FailureAlert
              failure={failure}
              text={failure.code === "invalid_input" ? t("refused") : failure.text}
            />
          )}
          <Button type="submit" pending={isPending} className="justify-self-start">
            {t("check")}
          </Button>
        </form>
      </Card>
      {checked && <CheckedCard checked={checked} onApply={() => apply(checked)} />}
    </div>
  );
}

function CheckedCard({ checked, onApply }: { checked: Checked; onApply: () => Promise<void> }) {
  const t = useTranslations("admin.grants");
  const creditsText = useCreditsText();
  const { check, results } = checked;
  const { grants, invalid, totalCredits, totalUsers } = check;
  const canApply = invalid.length === 0 && totalUsers > 0;
  const isComplete = results?.every(({ status }) => status === "granted" || status === "replayed");
  const countOf = (status: GrantResult["status"]) =>
    results?.filter((result) => result.status === status).length ?? 0;
  return (
    <Card className="grid gap-5">
      <InvalidLines lines={invalid} />
      {results === null ? (
        <StatList>
          <Stat label={t("total")}>{creditsText(totalCredits)}</Stat>
          <Stat label={t("users")}>{totalUsers}</Stat>
          <Stat label={t("already")}>{grants.filter(({ isGranted }) => isGranted).length}</Stat>
        </StatList>
      ) : (
        <p role="status">
          {t("done", {
            granted: countOf("granted"),
            replayed: countOf("replayed"),
            failed: countOf("failed"),
            pending: countOf("pending"),
          })}
        </p>
      )}
      {grants.length > 0 && <GrantsTable grants={grants} results={results} />}
      {canApply && !isComplete && (
        <div>
          <AlertDialog
            trigger={<Button variant="primary">{results ? t("again") : t("apply")}</Button>}
            title={t("question", { credits: creditsText(totalCredits), users: totalUsers })}
            description={t("explanation")}
            confirmLabel={t("apply")}
            onConfirm={onApply}
          />
        </div>
      )}
    </Card>
  );
}
