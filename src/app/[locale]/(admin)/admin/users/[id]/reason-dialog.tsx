"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, type ReactElement, useState, useTransition } from "react";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogClose } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/textarea";

/** Asks why before an admin does something to a person. `onSubmit` answers an error text or null. */
export function ReasonDialog({
  trigger,
  title,
  description,
  submitLabel,
  destructive,
  onSubmit,
}: {
  trigger: ReactElement;
  title: string;
  description: string;
  submitLabel: string;
  destructive: boolean;
  onSubmit: (reason: string) => Promise<string | null>;
}) {
  const t = useTranslations("admin.reason");
  const common = useTranslations("common.actions");
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    startTransition(async () => {
      const failure = await onSubmit(reason);
      setError(failure);
      if (failure === null) setOpen(false);
    });
  };
  return (
    <Dialog
      trigger={trigger}
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
            {submitLabel}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
