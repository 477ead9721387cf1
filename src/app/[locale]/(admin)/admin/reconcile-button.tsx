"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { startReconcile } from "@/app/actions/admin/start-reconcile";
import { Button } from "@/components/ui/button";
import { useErrorText } from "@/components/use-error-text";

const LOOK_AGAIN_AFTER_MS = 3_000;

/** Has the books recomputed now. A new page brings a new id, so a double press does it once. */
export function ReconcileButton({ formId }: { formId: string }) {
  const t = useTranslations("admin.overview");
  const errorText = useErrorText();
  const router = useRouter();
  const [startedId, setStartedId] = useState<string | null>(null);
  const { execute, isPending } = useAction(startReconcile, {
    onSuccess: () => {
      toast.success(t("reconcileStarted"));
      setStartedId(formId);
    },
    onError: ({ error }) => {
      toast.error(errorText(error.serverError ?? { code: "unexpected", details: {} }));
    },
  });
  useEffect(() => {
    if (startedId === null) return;
    const timer = setTimeout(() => router.refresh(), LOOK_AGAIN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [startedId, router]);
  return (
    <Button size="sm" pending={isPending} onClick={() => execute({ id: formId })}>
      {t("reconcileNow")}
    </Button>
  );
}
