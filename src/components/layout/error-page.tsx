"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { LinkButton } from "@/components/ui/link-button";

/** The page for an unexpected error inside the app. */
export function ErrorPage({
  digest,
  onRetry,
}: {
  digest: string | undefined;
  onRetry: () => void;
}) {
  const t = useTranslations("errors.page");
  const actions = useTranslations("common.actions");
  return (
    <div className="mx-auto grid w-full max-w-xl content-center gap-6 py-20">
      <div className="grid gap-2">
        <h1 className="font-heading text-3xl">{t("errorTitle")}</h1>
        <p className="text-muted-foreground">{t("errorText")}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={onRetry}>
          {actions("retry")}
        </Button>
        <LinkButton href="/" variant="ghost">
          {t("home")}
        </LinkButton>
      </div>
      {digest && (
        <p className="font-mono text-muted-foreground text-xs">{t("reference", { digest })}</p>
      )}
    </div>
  );
}
