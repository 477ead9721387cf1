"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { toast } from "@/components/toast";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { startReconcile } from "./actions";

const REFRESH_MS = 2_000;

/** Starts a reconciliation or resumes an interrupted one. Refreshes the page while one is running. */
export function ReconcileButton({
  formId,
  state,
}: {
  formId: string;
  state: "idle" | "running" | "interrupted";
}) {
  const t = useTranslations("admin.overview");
  const { isPending, submit } = useServerAction();
  const router = useRouter();
  const isRunning = state === "running";
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => router.refresh(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [isRunning, router]);
  const start = () =>
    submit(
      (renderedFor) => startReconcile(renderedFor, { id: formId }),
      () => toast.success(t("reconcileStarted")),
    );
  return (
    <Button size="sm" pending={isPending || isRunning} onClick={start}>
      {t(state === "interrupted" ? "reconcileResume" : "reconcileNow")}
    </Button>
  );
}
