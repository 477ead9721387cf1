"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactElement, ReactNode } from "react";
import { cn } from "./cn";

/** A modal dialog. Pass `trigger`, or `open` with `onOpenChange`. */
export function Dialog({
  trigger,
  open,
  onOpenChange,
  title,
  description,
  children,
  className,
}: {
  trigger?: ReactElement;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  className?: string;
}) {
  const t = useTranslations("common.actions");
  return (
    <Base.Root {...(open !== undefined && { open })} onOpenChange={(next) => onOpenChange?.(next)}>
      {trigger && <Base.Trigger render={trigger} />}
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Viewport className="dialog-viewport">
          <Base.Popup className={cn("dialog-popup", className)}>
            <Base.Title className="pe-10 font-semibold text-lg">{title}</Base.Title>
            {description && (
              <Base.Description className="mt-2 text-muted-foreground">
                {description}
              </Base.Description>
            )}
            <div className="mt-5">{children}</div>
            <Base.Close
              aria-label={t("close")}
              className="absolute end-3 top-3 grid size-9 place-items-center rounded-md text-muted-foreground hover:bg-muted hover:text-foreground"
            >
              <X aria-hidden="true" className="size-4" />
            </Base.Close>
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

/** Closes the surrounding dialog: `<DialogClose render={<Button>…</Button>} />`. */
export const DialogClose = Base.Close;

/** The buttons at the end of a dialog. The confirming button comes last. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="mt-6 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">{children}</div>
  );
}
