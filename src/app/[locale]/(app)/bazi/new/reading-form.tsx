"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useEffect, useRef } from "react";
import type { Balance } from "@/components/balance/balance";
import { useLiveBalance } from "@/components/balance/live-balance";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Checkbox } from "@/components/ui/checkbox";
import { focusFirstInvalid } from "@/components/ui/focus-first-invalid";
import { useCreditsText } from "@/components/use-credits-text";
import { FailureNotice } from "./failure-notice";
import type { FieldsProps } from "./fields-props";
import type { FormValues } from "./form-values";
import { TooFewCreditsDialog } from "./too-few-credits-dialog";
import { useReadingForm } from "./use-reading-form";
import { WhenFields } from "./when-fields";
import { WhereFields } from "./where-fields";
import { WhoFields } from "./who-fields";

/** The birth form: one sheet a question, the price and the balance beside the button. */
export function ReadingForm({
  userId,
  initial,
  balance,
  costCredits,
  zones,
}: {
  userId: string;
  initial: FormValues;
  balance: Balance;
  costCredits: number;
  /** IANA names to choose from for a place that is not in the list. */
  zones: readonly string[];
}) {
  const t = useTranslations("bazi");
  const credits = useCreditsText();
  const form = useReadingForm(userId, initial);
  const { balance: live } = useLiveBalance(balance);
  const sheet = useRef<HTMLFormElement>(null);
  const { problems, failure } = form;

  // Whoever sent a form with mistakes is taken to the first of them.
  useEffect(() => {
    if (failure?.kind === "fields") focusFirstInvalid(sheet.current);
  }, [failure]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    form.submit();
  };
  const fields: FieldsProps = {
    values: form.values,
    change: form.change,
    problemOf: (field) => {
      const code = problems[field];
      return code === undefined ? undefined : t(`problems.${code}`);
    },
  };
  return (
    <form ref={sheet} onSubmit={submit} noValidate className="grid max-w-3xl grid-cols-1 gap-6">
      {form.isRestored && (
        <Alert
          action={
            <Button variant="link" onClick={form.startOver}>
              {t("form.startOver")}
            </Button>
          }
        >
          {t("form.restored")}
        </Alert>
      )}
      <Card>
        <CardHeader title={t("form.whoLegend")} />
        <WhoFields {...fields} />
      </Card>
      <Card>
        <CardHeader title={t("form.whenLegend")} />
        <WhenFields {...fields} />
      </Card>
      <Card>
        <CardHeader title={t("form.whereLegend")} />
        <WhereFields {...fields} zones={zones} />
      </Card>
      <Checkbox
        label={t("form.keepProfile")}
        checked={form.values.keepInProfile}
        onCheckedChange={(keepInProfile) => form.change({ keepInProfile })}
      />
      <FailureNotice failure={failure} />
      <div className="flex flex-wrap items-center justify-between gap-4 border-t pt-6">
        <p className="text-sm">
          {t("form.price", { cost: credits(costCredits), available: credits(live.available) })}
          <span className="block text-muted-foreground">{t("form.priceNote")}</span>
        </p>
        <Button type="submit" variant="primary" size="lg" pending={form.isPending}>
          {t("form.submit", { cost: credits(costCredits) })}
        </Button>
      </div>
      <TooFewCreditsDialog failure={failure} onClose={() => form.setFailure(null)} />
    </form>
  );
}
