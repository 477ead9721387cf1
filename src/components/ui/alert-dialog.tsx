"use client";

import { AlertDialog as Base } from "@base-ui/react/alert-dialog";
import { useTranslations } from "next-intl";
import { type ReactElement, type ReactNode, useState, useTransition } from "react";
import { Button } from "./button";

/**
 * Asks for confirmation of an irreversible action. The dialog stays open and pending while `onConfirm`
 * runs. It closes afterwards unless `onConfirm` returns `false`.
 */
export function AlertDialog({
  trigger,
  title,
  description,
  children,
  confirmLabel,
  destructive = false,
  onConfirm,
}: {
  trigger: ReactElement;
  title: ReactNode;
  description: ReactNode;
  children?: ReactNode;
  confirmLabel: ReactNode;
  destructive?: boolean;
  onConfirm: () => unknown;
}) {
  const t = useTranslations("common.actions");
  const [open, setOpen] = useState(false);
  const [pending, startTransition] = useTransition();
  const confirm = () =>
    startTransition(async () => {
      if ((await onConfirm()) !== false) setOpen(false);
    });
  return (
    <Base.Root open={open} onOpenChange={(next) => setOpen(pending || next)}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Viewport className="dialog-viewport">
          <Base.Popup className="dialog-popup">
            <Base.Title className="font-semibold text-lg">{title}</Base.Title>
            <Base.Description className="mt-2 text-muted-foreground">
              {description}
            </Base.Description>
            {children && <div className="mt-5">{children}</div>}
            <div className="mt-6 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
              <Base.Close render={<Button>{t("cancel")}</Button>} />
              <Button
                variant={destructive ? "destructive" : "primary"}
                pending={pending}
                onClick={confirm}
              >
                {confirmLabel}
              </Button>
            </div>
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
