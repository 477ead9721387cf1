"use client";

import {
  type KeyboardEventHandler,
  type ReactElement,
  type ReactNode,
  type ToggleEvent,
  useId,
} from "react";
import { cn } from "./cn";

/** Space between the trigger and the panel. */
const GAP_PX = 6;

/**
 * A panel that opens below its trigger and takes the focus. Escape or a click outside closes it, and the
 * focus returns to the trigger. The browser's own popover does all of it: a library would add 60 kB of
 * script to every page of the app. `trigger` renders a button with the given attributes.
 */
export function Popover({
  trigger,
  title,
  onOpenChange,
  className = "w-96",
  children,
}: {
  trigger: (attributes: { popoverTarget: string }) => ReactElement;
  /** The heading and the accessible name. */
  title: ReactNode;
  onOpenChange: (open: boolean) => void;
  /** The width. */
  className?: string;
  children: ReactNode;
}) {
  const titleId = useId();
  return (
    <Panel
      trigger={trigger}
      role="dialog"
      aria-labelledby={titleId}
      onOpenChange={onOpenChange}
      className={cn("flex-col open:flex", className)}
    >
      <h2 id={titleId} className="border-b px-4 py-3 font-semibold text-sm">
        {title}
      </h2>
      {children}
    </Panel>
  );
}

/** The panel of a popover or a menu, at the end of its trigger and within the window. */
export function Panel({
  trigger,
  onOpenChange,
  className,
  children,
  ...rest
}: {
  trigger: (attributes: { popoverTarget: string }) => ReactElement;
  role: "dialog" | "menu";
  "aria-labelledby"?: string;
  "aria-label"?: string;
  onOpenChange?: (open: boolean) => void;
  onKeyDown?: KeyboardEventHandler<HTMLDivElement>;
  className: string;
  children: ReactNode;
}) {
  const id = useId();
  const onToggle = ({ currentTarget: panel, newState }: ToggleEvent<HTMLDivElement>) => {
    const isOpen = newState === "open";
    if (isOpen) {
      const first = panel.querySelector<HTMLElement>("[role=menuitem]");
      (first ?? panel).focus({ preventScroll: true });
    }
    onOpenChange?.(isOpen);
  };
  return (
    <>
      {trigger({ popoverTarget: id })}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the role is in `rest` */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a key that follows a link also clicks */}
      <div
        {...rest}
        id={id}
        popover="auto"
        tabIndex={-1}
        onBeforeToggle={({ currentTarget, newState }) => {
          if (newState === "open") placeBelowTrigger(currentTarget);
        }}
        onToggle={onToggle}
        onClick={({ target, currentTarget }) => {
          if (target instanceof Element && target.closest("a, button")) currentTarget.hidePopover();
        }}
        className={cn(
          "popup fixed inset-auto m-0 max-h-[min(30rem,80dvh)] max-w-[calc(100vw-2rem)] overflow-y-auto p-0 text-foreground",
          className,
        )}
      >
        {children}
      </div>
    </>
  );
}

/** The header is fixed to the top, so the place holds while the page scrolls. */
function placeBelowTrigger(panel: HTMLElement): void {
  const trigger = document.querySelector(`[popovertarget="${panel.id}"]`);
  if (trigger === null) return;
  const { bottom, right } = trigger.getBoundingClientRect();
  const { clientWidth } = document.documentElement;
  panel.style.top = `${bottom + GAP_PX}px`;
  // On a phone the panel is as wide as the window, so its end is at the margin.
  panel.style.right = clientWidth < 640 ? "1rem" : `${clientWidth - right}px`;
}
