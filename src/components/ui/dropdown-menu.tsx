"use client";

import { Menu } from "@base-ui/react/menu";
import type { ComponentProps, ReactElement, ReactNode } from "react";
import { Link } from "@/components/link";
import { cn } from "./cn";

export function DropdownMenu({
  trigger,
  align = "end",
  children,
}: {
  trigger: ReactElement;
  align?: "start" | "center" | "end";
  children: ReactNode;
}) {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger render={trigger} />
      <Menu.Portal>
        <Menu.Positioner align={align} sideOffset={6} className="z-50 outline-none">
          <Menu.Popup className="popup min-w-44 p-1">{children}</Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

export function DropdownMenuItem({
  className,
  ...rest
}: Omit<ComponentProps<typeof Menu.Item>, "className"> & { className?: string }) {
  return <Menu.Item {...rest} className={cn("menu-item flex gap-2.5", className)} />;
}

/** An item that links to a page. `href` is a path without a locale. */
export function DropdownMenuLink({
  href,
  children,
  prefetch,
}: {
  href: string;
  children: ReactNode;
  prefetch?: boolean;
}) {
  return (
    <Menu.LinkItem
      closeOnClick
      className="menu-item flex gap-2.5"
      render={<Link href={href} {...(prefetch !== undefined && { prefetch })} />}
    >
      {children}
    </Menu.LinkItem>
  );
}

export function DropdownMenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2.5 py-1.5 text-muted-foreground text-xs">{children}</div>;
}

export function DropdownMenuSeparator() {
  return <Menu.Separator className="my-1 h-px bg-border" />;
}
