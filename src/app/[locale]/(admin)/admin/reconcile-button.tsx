"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { startReconcile } from "./actions";

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
  const { isPending, submit } = useServerAction();
  const router = useRouter();
  const start = () =>
    submit(
      () => startReconcile({ id: formId }),
      () => toast.success(t("reconcileStarted")),
    );
  const isRunning = state === "running";
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => router.refresh(), LOOK_AGAIN_EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning, router]);
  return (
    <Button size="sm" pending={isPending || isRunning} onClick={start}>
      {t(state === "cut-off" ? "reconcileGoOn" : "reconcileNow")}
    </Button>
  );
}
