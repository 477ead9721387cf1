"use client";

import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { countOutstanding } from "@/app/actions/admin/count-outstanding";
import { Button } from "@/components/ui/button";
import { useErrorToast } from "@/components/use-error-toast";

/** Counts the outstanding credits anew. */
export function CountButton() {
  const t = useTranslations("admin.overview");
  const errorToast = useErrorToast();
  const { execute, isPending } = useAction(countOutstanding, {
    onError: ({ error }) => errorToast(error.serverError),
  });
  return (
    <Button size="sm" pending={isPending} onClick={() => execute()}>
      {t("countNow")}
    </Button>
  );
}
