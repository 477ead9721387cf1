"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useAction } from "next-safe-action/hooks";
import { useEffect } from "react";
import { toast } from "sonner";
import { startReconcile } from "@/app/actions/admin/start-reconcile";
import { Button } from "@/components/ui/button";
import { useErrorToast } from "@/components/use-error-toast";

const LOOK_AGAIN_EVERY_MS = 2_000;

/**
 * Has the books recomputed now, or what was cut off gone on with, and looks at the progress until it
 * is finished. A new page brings a new id, so a double press does it once.
 */
export function ReconcileButton({
  formId,
  state,
}: {
  formId: string;
  state: "idle" | "running" | "cut-off";
}) {
  const t = useTranslations("admin.overview");
  const errorToast = useErrorToast();
  const router = useRouter();
  const { execute, isPending } = useAction(startReconcile, {
    onSuccess: () => {
      toast.success(t("reconcileStarted"));
    },
    onError: ({ error }) => errorToast(error.serverError),
  });
  const isRunning = state === "running";
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => router.refresh(), LOOK_AGAIN_EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning, router]);
  return (
    <Button size="sm" pending={isPending || isRunning} onClick={() => execute({ id: formId })}>
      {t(state === "cut-off" ? "reconcileGoOn" : "reconcileNow")}
    </Button>
  );
}
