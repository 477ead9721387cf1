"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { LinkButton } from "@/components/ui/link-button";
import { useCreditsText } from "@/components/use-credits-text";
import type { Failure } from "./use-reading-form";

/** Says what is missing and leads to the packs; the form waits in this tab. */
export function TooFewCreditsDialog({
  failure,
  onClose,
}: {
  failure: Failure | null;
  onClose: () => void;
}) {
  const t = useTranslations("bazi.form");
  const credits = useCreditsText();
  const shown = failure?.kind === "too-few" ? failure : null;
  return (
    <Dialog
      open={shown !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("fewTitle")}
      description={
        shown === null
          ? null
          : t("fewBody", {
              required: credits(shown.required),
              available: credits(shown.available),
            })
      }
    >
      <DialogActions>
        <Button onClick={onClose}>{t("fewLater")}</Button>
        <LinkButton href="/pricing#packs" variant="primary">
          {t("fewBuy")}
        </LinkButton>
      </DialogActions>
    </Dialog>
  );
}
