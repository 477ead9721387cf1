"use client";

import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";

/**
 * A panel that opens at its trigger and takes the focus. Escape or a click outside closes it.
 * `title` is its heading and its accessible name.
 */
export function Popover({
  trigger,
  title,
  open,
  onOpenChange,
  children,
}: {
  trigger: ReactElement;
  title: ReactNode;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
}) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner
          align="end"
          sideOffset={6}
          collisionPadding={16}
          className="z-50 outline-none"
        >
          <Base.Popup className="popup flex max-h-[min(30rem,var(--available-height))] w-96 max-w-[calc(100vw-2rem)] flex-col">
            <Base.Title className="border-b px-4 py-3 font-semibold text-sm">{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
