"use client";

import { useTranslations } from "next-intl";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { refundWithdrawal } from "./actions";

/** Confirms the refund of a withdrawal, with its effect, and runs it. */
export function RefundButton({
  input,
  label,
  title,
}: {
  /** `id` identifies the form, so that a second press acts once. */
  input: { id: string; withdrawalId: string; contractId: string };
  label: string;
  title: string;
}) {
  const t = useTranslations("admin.withdrawals");
  const { run, showFailure } = useServerAction();
  const confirm = async () => {
    const { failure } = await run((renderedFor) => refundWithdrawal(renderedFor, input));
    if (failure) showFailure(failure);
  };
  return (
    <AlertDialog
      trigger={<Button variant="primary">{label}</Button>}
      title={title}
      description={t("refundText")}
      confirmLabel={label}
      onConfirm={confirm}
    />
  );
}
