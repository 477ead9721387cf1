"use client";

import { CircleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { createContext, type ReactNode, use, useId } from "react";
import { cn } from "./cn";

/** The classes that `Input`, `Textarea`, `Select` and `ZoneSelect` share. */
export const controlClasses = [
  "w-full rounded-md border border-input bg-card px-3 text-base text-foreground sm:text-sm",
  "transition-[border-color,box-shadow] duration-150 placeholder:text-muted-foreground/80",
  "hover:border-foreground/40 focus-visible:border-ring",
  "aria-invalid:border-destructive disabled:cursor-not-allowed disabled:bg-muted disabled:opacity-60",
].join(" ");

interface FieldControl {
  readonly id: string;
  readonly labelId: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
  readonly required: boolean | undefined;
}

const FieldContext = createContext<FieldControl | null>(null);

/** Returns the attributes that tie a control to the `Field` around it; null outside a `Field`. */
export function useFieldControl(): FieldControl | null {
  return use(FieldContext);
}

/**
 * A form field: label, control, hint and error. The control inside takes its id, `aria-describedby`
 * and `aria-invalid` from here, also in server-rendered HTML. Screen readers announce a new error.
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
  /** Shows "optional" beside the label. */
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
