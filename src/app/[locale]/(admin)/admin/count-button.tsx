"use client";

import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { toast } from "sonner";
import { countOutstanding } from "@/app/actions/admin/count-outstanding";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/components/use-error-text";

/** Counts the outstanding credits anew. */
export function CountButton() {
  const t = useTranslations("admin.overview");
  const errorText = useErrorText();
  const { execute, isPending } = useAction(countOutstanding, {
    onError: ({ error }) => {
      toast.error(errorText(error.serverError ?? { code: "unexpected", details: {} }));
    },
  });
  return (
    <Button size="sm" pending={isPending} onClick={() => execute()}>
      {t("countNow")}
    </Button>
  );
}
