"use client";

import { useTranslations } from "next-intl";
import { type ActionFailure, needsReload } from "./call-action";
import { reloadPage } from "./form-draft";
import { Alert } from "./ui/alert";
import { Button } from "./ui/button";

/**
 * Shows the failure of an action in a form or a dialog, with a reload button if only that helps.
 * `text` replaces the general sentence of the other failures.
 */
export function FailureAlert({ failure, text }: { failure: ActionFailure; text?: string }) {
  const t = useTranslations("common.actions");
  if (!needsReload(failure)) return <Alert tone="destructive">{text ?? failure.text}</Alert>;
  return (
    <Alert
      tone="warning"
      action={
        <Button size="sm" onClick={reloadPage}>
          {t("reload")}
        </Button>
      }
    >
      {failure.text}
    </Alert>
  );
}
