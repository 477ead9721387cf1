"use client";

import type { ComponentProps, KeyboardEvent, ReactElement, ReactNode } from "react";
import { Link } from "@/components/link";
import { cn } from "./cn";
import { Panel } from "./popover";

/** A menu below its trigger. Arrow keys, Home and End move through its items. */
export function DropdownMenu({
  trigger,
  label,
  children,
}: {
  trigger: (attributes: { popoverTarget: string }) => ReactElement;
  label: string;
  children: ReactNode;
}) {
  return (
    <Panel
      trigger={trigger}
      role="menu"
      aria-label={label}
      onKeyDown={moveFocus}
      className="min-w-44 p-1"
    >
      {children}
    </Panel>
  );
}

export function DropdownMenuItem({ className, ...rest }: ComponentProps<"button">) {
  return (
    <button
      {...rest}
      type="button"
      role="menuitem"
      className={cn("menu-item flex w-full gap-2.5 text-start", className)}
    />
  );
}

/** An item that links to a page. `href` is a path without a locale. */
export function DropdownMenuLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} role="menuitem" className="menu-item flex gap-2.5">
      {children}
    </Link>
  );
}

export function DropdownMenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2.5 py-1.5 text-muted-foreground text-xs">{children}</div>;
}

export function DropdownMenuSeparator() {
  return <hr className="my-1 h-px border-0 bg-border" />;
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at <= 0 ? items.length : at) - 1,
    Home: 0,
    End: items.length - 1,
  };
  const next = moves[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}
