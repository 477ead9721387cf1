"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState, useTransition } from "react";
import { Alert } from "../ui/alert";
import { Button, type ButtonProps } from "../ui/button";
import { Dialog, DialogActions, DialogClose } from "../ui/dialog";
import { Field } from "../ui/field";
import { Textarea } from "../ui/textarea";
import { type ActionResult, useServerAction } from "../use-server-action";

/** A button that asks for a reason before it runs a server action. Stays open if the action fails. */
export function ReasonDialog<Input extends object>({
  label,
  title,
  description,
  size,
  variant,
  destructive = false,
  action,
  input,
}: {
  /** Label of the button and of the submit button. */
  label: string;
  title: string;
  description: string;
  size?: ButtonProps["size"];
  variant?: ButtonProps["variant"];
  destructive?: boolean;
  action: (input: NoInfer<Input> & { reason: string }) => Promise<ActionResult<unknown>>;
  input: Input;
}) {
  const t = useTranslations("admin.reason");
  const common = useTranslations("common.actions");
  const { run } = useServerAction();
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    startTransition(async () => {
      const { failure } = await run(() => action({ ...input, reason }));
      const isInvalid = failure?.code === "invalid_input";
      setError(isInvalid ? t("error") : (failure?.text ?? null));
      if (failure === null) setOpen(false);
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
      <form onSubmit={submit} className="grid gap-4">
        <Field label={t("label")} hint={t("hint")} required>
          <Textarea name="reason" minLength={3} maxLength={500} />
        </Field>
        {error && <Alert tone="destructive">{error}</Alert>}
        <DialogActions>
          <DialogClose render={<Button>{common("cancel")}</Button>} />
          <Button type="submit" variant={destructive ? "destructive" : "primary"} pending={pending}>
            {label}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
