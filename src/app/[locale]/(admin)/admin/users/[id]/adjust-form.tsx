"use client";

import { useLocale, useTranslations } from "next-intl";
import { type FormEvent, useRef, useState, useTransition } from "react";
import type { CreditEffect } from "@/admin/users/rehearse-credits";
import { CreditEffectFacts } from "@/components/admin/credit-effect";
import { fromLocalInput } from "@/components/admin/local-date-time";
import type { ActionFailure } from "@/components/call-action";
import { FailureAlert } from "@/components/failure-alert";
import { useFormDraft } from "@/components/form-draft";
import { useReaderZone } from "@/components/reader-zone";
import { toast } from "@/components/toast";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Dialog, DialogActions, DialogClose } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { useCreditsText } from "@/components/use-credits-text";
import { useServerAction } from "@/components/use-server-action";
import { timeZoneName } from "@/lib/time-zones";
import { adjustCredits, previewAdjust } from "./actions";

/** A form that was checked, with what it would do. */
interface Checked {
  readonly input: {
    readonly id: string;
    readonly userId: string;
    readonly amount: number;
    readonly reason: string;
    readonly expiresAt: string | null;
  };
  readonly effect: CreditEffect;
}

/**
 * Adjusts a user's credits after showing what the adjustment does. The server creates the form's id, so sending the form twice books once. The
 * action returns the id for the next adjustment.
 */
export function AdjustForm({ userId, formId }: { userId: string; formId: string }) {
  const t = useTranslations("admin.adjust");
  const common = useTranslations("common.actions");
  const creditsText = useCreditsText();
  const locale = useLocale();
  const zone = useReaderZone();
  const [id, setId] = useState(formId);
  const { run } = useServerAction();
  const [checked, setChecked] = useState<Checked | null>(null);
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  const [isPending, startTransition] = useTransition();
  const draft = useFormDraft(useRef<HTMLFormElement>(null), `adjust:${userId}`);
  const errorText = useAdjustErrorText();
  const fields = failure?.fields;
  const check = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const expiresAt = fromLocalInput(String(form.get("expiresAt")));
    const input = {
      id,
      userId,
      amount: Number(form.get("amount")),
      reason: String(form.get("reason")),
      expiresAt: expiresAt?.toISOString() ?? null,
    };
    startTransition(async () => {
      const outcome = await run((renderedFor) => previewAdjust(renderedFor, input));
      setFailure(outcome.failure);
      if (outcome.data) setChecked({ input, effect: outcome.data });
    });
  };
  const confirm = ({ input }: Checked) => {
    startTransition(async () => {
      const outcome = await run((renderedFor) => adjustCredits(renderedFor, input));
      setFailure(outcome.failure);
      setChecked(null);
      if (!outcome.data) return;
      toast.success(t("done", { credits: creditsText(outcome.data.balanceAfter) }));
      setId(outcome.data.nextFormId);
    });
  };
  return (
    <Card>
      <CardHeader title={t("title")} description={t("description")} />
      <form key={id} {...draft} onSubmit={check} className="grid max-w-xl gap-4">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field
            label={t("amount")}
            hint={t("amountHint")}
            error={fields?.amount && t("amountError")}
            required
          >
            <Input type="number" name="amount" step={1} inputMode="numeric" />
          </Field>
          <Field
            label={t("expiresAt")}
            hint={t("expiresAtHint", { zone: timeZoneName(zone, locale) })}
            error={fields?.expiresAt && t("expiresAtError")}
            optional
          >
            <Input type="datetime-local" name="expiresAt" />
          </Field>
        </div>
        <Field
          label={t("reason")}
          hint={t("reasonHint")}
          error={fields?.reason && t("reasonError")}
          required
        >
          <Textarea name="reason" minLength={3} maxLength={500} />
        </Field>
        {failure && !fields && <FailureAlert failure={failure} text={errorText(failure)} />}
        <Button type="submit" variant="primary" pending={isPending} className="justify-self-start">
          {t("check")}
        </Button>
      </form>
      <Dialog
        open={checked !== null}
        onOpenChange={(isOpen) => !isOpen && setChecked(null)}
        title={t("confirm")}
        description={checked?.input.reason}
      >
        {checked && (
          <>
            <CreditEffectFacts effect={checked.effect} />
            <DialogActions>
              <DialogClose render={<Button>{common("cancel")}</Button>} />
              <Button variant="primary" pending={isPending} onClick={() => confirm(checked)}>
                {t("submit")}
              </Button>
            </DialogActions>
          </>
        )}
      </Dialog>
    </Card>
  );
}

/** The general sentence for insufficient credits addresses the owner of the credits, not an admin. */
function useAdjustErrorText() {
  const t = useTranslations("admin.adjust");
  const creditsText = useCreditsText();
  return (error: ActionFailure) => {
    const { required, available } = error.details ?? {};
    return error.code === "insufficient_credits"
      ? t("tooMuch", {
          required: creditsText(Number(required)),
          available: creditsText(Number(available)),
        })
      : error.text;
  };
}
