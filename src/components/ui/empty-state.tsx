import type { ReactNode } from "react";
import { cn } from "./cn";

/** Replaces an empty list: states the reason and, optionally, offers an action. */
export function EmptyState({
  title,
  children,
  action,
  className,
}: {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  return (
    <div
      className={cn(
        "grid justify-items-center gap-2 rounded-lg border border-dashed px-6 py-12 text-center",
        className,
      )}
    >
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-muted-foreground text-sm">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}
