"use client";

import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { cn } from "./cn";
import { controlClasses, useFieldControl } from "./field";

export interface SelectOption {
  readonly value: string;
  readonly label: string;
  readonly disabled?: boolean;
}

/** A list box. Pass `value` with `onValueChange`, or `name` with `defaultValue` in a form. */
export function Select({
  options,
  name,
  value,
  defaultValue,
  onValueChange,
  placeholder,
  disabled,
  className,
  "aria-label": ariaLabel,
}: {
  options: readonly SelectOption[];
  name?: string;
  value?: string;
  defaultValue?: string;
  onValueChange?: (value: string) => void;
  placeholder?: string;
  disabled?: boolean;
  className?: string;
  "aria-label"?: string;
}) {
  const t = useTranslations("common");
  const trigger = useRef<HTMLButtonElement>(null);
  const isFocusReturned = useRef(false);
  const field = useFieldControl();
  const { labelId, required, ...control } = field ?? { labelId: undefined, required: undefined };
  return (
    <Base.Root
      items={options}
      {...(name !== undefined && { name })}
      {...(value !== undefined && { value })}
      {...(defaultValue !== undefined && { defaultValue })}
      {...(required !== undefined && { required })}
      {...(disabled !== undefined && { disabled })}
      // Base UI returns the focus after the closing animation: a Tab before that would start at the top,
      // and one after the early focus would be undone. An open list traps the focus, so this waits for it.
      onOpenChange={(open, { reason }) => {
        isFocusReturned.current = !open && reason === "item-press";
        if (isFocusReturned.current) setTimeout(() => trigger.current?.focus());
      }}
      onValueChange={(next) => {
        if (next !== null) onValueChange?.(next);
      }}
    >
      <Base.Trigger
        ref={trigger}
        {...control}
        aria-label={ariaLabel}
        aria-labelledby={ariaLabel === undefined ? labelId : undefined}
        className={cn(
          controlClasses,
          "flex h-10 cursor-default items-center justify-between gap-2 text-start data-popup-open:border-ring",
          className,
        )}
      >
        <Base.Value
          placeholder={placeholder ?? t("select")}
          className="truncate data-placeholder:text-muted-foreground"
        />
        <Base.Icon>
          <ChevronsUpDown aria-hidden="true" className="size-4 text-muted-foreground" />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup
            finalFocus={() => !isFocusReturned.current}
            className="popup min-w-(--anchor-width) max-w-(--available-width)"
          >
            <Base.List className="max-h-[min(22rem,var(--available-height))] scroll-py-1 overflow-y-auto p-1">
              {options.map((option) => (
                <Base.Item
                  key={option.value}
                  value={option.value}
                  disabled={option.disabled ?? false}
                  className="menu-item grid grid-cols-[1rem_1fr]"
                >
                  <Base.ItemIndicator className="col-start-1">
                    <Check aria-hidden="true" className="size-4" />
                  </Base.ItemIndicator>
                  <Base.ItemText className="col-start-2">{option.label}</Base.ItemText>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
