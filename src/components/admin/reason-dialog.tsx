"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, type ReactNode, useRef, useState, useTransition } from "react";
import type { RenderedFor } from "@/lib/rendered-for";
import type { ActionFailure, ActionResult } from "../call-action";
import { FailureAlert } from "../failure-alert";
import { useFormDraft } from "../form-draft";
import { Button, type ButtonProps } from "../ui/button";
import { Dialog, DialogActions, DialogClose } from "../ui/dialog";
import { Field } from "../ui/field";
import { Textarea } from "../ui/textarea";
import { useServerAction } from "../use-server-action";

/** A button that asks for a reason before it runs a server action. Stays open if the action fails. */
export function ReasonDialog<Input extends object>({
  label,
  title,
  description,
  size,
  variant,
  destructive = false,
  effect,
  action,
  input,
  onDone,
}: {
  /** Label of the button and of the submit button. */
  label: string;
  title: string;
  description: string;
  size?: ButtonProps["size"];
  variant?: ButtonProps["variant"];
  destructive?: boolean;
  /** What the action does, shown above the reason. Mounts with the dialog. */
  effect?: ReactNode;
  action: (
    renderedFor: RenderedFor,
    input: NoInfer<Input> & { reason: string },
  ) => Promise<ActionResult<unknown>>;
  input: Input;
  /** Called after the action succeeded. */
  onDone?: () => void;
}) {
  const t = useTranslations("admin.reason");
  const common = useTranslations("common.actions");
  const { run } = useServerAction();
  const [open, setOpen] = useState(false);
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  const [pending, startTransition] = useTransition();
  // Every page load has another `id` for the same act.
  const subject = Object.entries(input).filter(([key]) => key !== "id");
  const draftName = `reason:${label}:${JSON.stringify(subject)}`;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    startTransition(async () => {
      const outcome = await run((renderedFor) => action(renderedFor, { ...input, reason }));
      setFailure(outcome.failure);
      if (outcome.failure !== null) return;
      setOpen(false);
      onDone?.();
    });
  };
  return (
    <Dialog
      trigger={
        <Button size={size} variant={variant}>
          {label}
        </Button>
      }
      open={open}
      onOpenChange={setOpen}
      title={title}
      description={description}
    >
      <ReasonForm name={draftName} onSubmit={submit}>
        {effect}
        <Field label={t("label")} hint={t("hint")} required>
          <Textarea name="reason" minLength={3} maxLength={500} />
        </Field>
        {failure && (
          <FailureAlert
            failure={failure}
            text={failure.code === "invalid_input" ? t("error") : failure.text}
          />
        )}
        <DialogActions>
          <DialogClose render={<Button>{common("cancel")}</Button>} />
          <Button type="submit" variant={destructive ? "destructive" : "primary"} pending={pending}>
            {label}
          </Button>
        </DialogActions>
      </ReasonForm>
    </Dialog>
  );
}

/** Mounts with the dialog, so that its draft is restored when the dialog opens. */
function ReasonForm({
  name,
  onSubmit,
  children,
}: {
  name: string;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  children: ReactNode;
}) {
  const draft = useFormDraft(useRef<HTMLFormElement>(null), name);
  return (
    <form {...draft} onSubmit={onSubmit} className="grid gap-4">
      {children}
    </form>
  );
}
