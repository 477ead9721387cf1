"use client";

import { CircleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useId } from "react";
import { cn } from "./cn";
import { FieldContext } from "./field-context";

/**
 * One question of a form: label, control, hint and error. The control inside (`Input`, `Textarea`,
 * `Select`) takes its id, `aria-describedby` and `aria-invalid` from here, already in the server's
 * HTML. An error is announced when it appears.
 */
export function Field({
  label,
  hint,
  error,
  required,
  optional = false,
  className,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  /** Says "optional" beside the label. */
  optional?: boolean;
  className?: string;
  children: ReactNode;
}) {
  const t = useTranslations("common");
  const id = useId();
  const hintId = hint ? `${id}-hint` : undefined;
  const errorId = error ? `${id}-error` : undefined;
  const control = {
    id,
    labelId: `${id}-label`,
    "aria-describedby": [errorId, hintId].filter(Boolean).join(" ") || undefined,
    "aria-invalid": error ? (true as const) : undefined,
    required,
  };
  return (
    <div className={cn("grid gap-1.5", className)}>
      <label id={control.labelId} htmlFor={id} className="justify-self-start font-medium text-sm">
        {label}
        {optional && (
          <span className="ms-2 font-normal text-muted-foreground">{t("optional")}</span>
        )}
      </label>
      <FieldContext value={control}>{children}</FieldContext>
      {hint && (
        <p id={hintId} className="text-muted-foreground text-sm">
          {hint}
        </p>
      )}
      <div aria-live="polite" className="empty:hidden">
        {error && (
          <p id={errorId} className="flex items-start gap-1.5 text-destructive text-sm">
            <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            {error}
          </p>
        )}
      </div>
    </div>
  );
}
