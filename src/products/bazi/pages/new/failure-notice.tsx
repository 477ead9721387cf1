"use client";

import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { needsReload } from "@/components/call-action";
import { FailureAlert } from "@/components/failure-alert";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { LinkButton } from "@/components/ui/link-button";
import { useCreditsText } from "@/components/use-credits-text";
import { localePath } from "@/lib/locales";
import type { Failure } from "./use-reading-form";

/** Shows why the form created no reading. Too few credits has its own dialog. */
export function FailureNotice({ failure }: { failure: Failure | null }) {
  const t = useTranslations("bazi.form");
  const nav = useTranslations("common.nav");
  const signInHref = `/sign-in?next=${encodeURIComponent(localePath(useLocale(), "/bazi/new"))}`;
  if (failure === null || failure.kind === "too-few") return null;
  if (failure.kind === "fields") return <Alert tone="destructive">{t("checkFields")}</Alert>;
  if (failure.kind === "offline") return <Alert tone="warning">{t("offline")}</Alert>;
  const { code, text } = failure;
  if (needsReload(failure)) return <FailureAlert failure={failure} />;
  if (code === "rate_limited") return <Alert tone="warning">{text}</Alert>;
  if (code === "not_signed_in") {
    return (
      <Alert
        tone="warning"
        action={
          <LinkButton href={signInHref} size="sm" prefetch={false}>
            {nav("signIn")}
          </LinkButton>
        }
      >
        {text}
      </Alert>
    );
  }
  if (code === "account_frozen") return <Alert tone="warning">{t("frozen")}</Alert>;
  return <Alert tone="destructive">{t("failed")}</Alert>;
}

/** Shows the missing credits and the ways to get them. The form keeps its values in this tab. */
export function TooFewCreditsDialog({
  failure,
  onClose,
  children,
}: {
  failure: Failure | null;
  onClose: () => void;
  /** The ways to get credits. */
  children: ReactNode;
}) {
  const t = useTranslations("bazi.form");
  const credits = useCreditsText();
  const tooFew = failure?.kind === "too-few" ? failure : null;
  return (
    <Dialog
      open={tooFew !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("fewTitle")}
      description={
        tooFew === null
          ? null
          : t("fewBody", {
              required: credits(tooFew.required),
              available: credits(tooFew.available),
            })
      }
    >
      {children}
      <DialogActions>
        <Button onClick={onClose}>{t("fewLater")}</Button>
      </DialogActions>
    </Dialog>
  );
}
