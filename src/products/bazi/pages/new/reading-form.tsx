"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, type ReactNode, useEffect, useRef } from "react";
import type { Balance } from "@/components/balance/balance-store";
import { useLiveBalance } from "@/components/balance/live-balance";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Checkbox } from "@/components/ui/checkbox";
import { focusFirstInvalid } from "@/components/ui/focus-first-invalid";
import { useCreditsText } from "@/components/use-credits-text";
import type { TimeZoneOption } from "@/lib/time-zones";
import { type FieldsProps, WhenFields, WhereFields, WhoFields } from "./birth-fields";
import { FailureNotice, TooFewCreditsDialog } from "./failure-notice";
import type { FormValues } from "./form-values";
import { useReadingForm } from "./use-reading-form";

/** The birth form, with the price and the balance next to the button. */
export function ReadingForm({
  userId,
  initial,
  balance,
  costCredits,
  zones,
  topUp,
}: {
  userId: string;
  initial: FormValues;
  balance: Balance;
  costCredits: number;
  /** Time zones offered for a place that the search doesn't know. */
  zones: readonly TimeZoneOption[];
  /** What a user with too few credits can do. */
  topUp: ReactNode;
}) {
  const t = useTranslations("bazi");
  const credits = useCreditsText();
  const form = useReadingForm(userId, initial);
  const { balance: live } = useLiveBalance(balance);
  const formRef = useRef<HTMLFormElement>(null);
  const { problems, failure } = form;

  // After a failed validation, focus the first invalid field.
  useEffect(() => {
    if (failure?.kind === "fields") focusFirstInvalid(formRef.current);
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
    <form ref={formRef} onSubmit={submit} noValidate className="grid max-w-3xl grid-cols-1 gap-6">
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
      {live.available < costCredits && (
        <Alert
          tone="warning"
          title={t("form.fewTitle")}
          action={
            <Button
              size="sm"
              onClick={() =>
                form.setFailure({
                  kind: "too-few",
                  required: costCredits,
                  available: Math.max(0, live.available),
                })
              }
            >
              {t("form.fewBuy")}
            </Button>
          }
        >
          {t("form.price", {
            cost: credits(costCredits),
            available: credits(Math.max(0, live.available)),
          })}
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
      <TooFewCreditsDialog failure={failure} onClose={() => form.setFailure(null)}>
        {topUp}
      </TooFewCreditsDialog>
    </form>
  );
}
