"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { startTransition } from "react";
import { isOutOfDate } from "@/components/call-action";
import { reloadPage } from "@/components/form-draft";
import { Button } from "@/components/ui/button";
import { LinkButton } from "@/components/ui/link-button";

/** The error page inside the shell of the app. The server logs the error itself. */
export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const t = useTranslations("errors.page");
  const actions = useTranslations("common.actions");
  const router = useRouter();
  const outOfDate = isOutOfDate(error);
  const retry = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <div className="mx-auto grid w-full max-w-xl content-center gap-6 py-20">
      <div className="grid gap-2">
        <h1 className="font-heading text-3xl">{t(outOfDate ? "outOfDateTitle" : "errorTitle")}</h1>
        <p className="text-muted-foreground">{t(outOfDate ? "outOfDateText" : "errorText")}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={outOfDate ? reloadPage : retry}>
          {actions(outOfDate ? "reload" : "retry")}
        </Button>
        <LinkButton href="/" variant="ghost">
          {t("home")}
        </LinkButton>
      </div>
      {error.digest && (
        <p className="font-mono text-muted-foreground text-xs">
          {t("reference", { digest: error.digest })}
        </p>
      )}
    </div>
  );
}
