import type { ReactNode } from "react";
import { cn } from "./cn";
import { StaticIcon } from "./static-icon";

const TONES = {
  info: "border-border [&>svg]:text-muted-foreground",
  success: "border-success/40 [&>svg]:text-success",
  warning: "border-warning/40 [&>svg]:text-warning",
  destructive: "border-destructive/40 [&>svg]:text-destructive",
} as const;

/** A notice in the flow of the page. Only `destructive` interrupts screen readers. */
export function Alert({
  tone = "info",
  title,
  children,
  action,
  className,
}: {
  tone?: keyof typeof TONES;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  return (
    <div
      role={tone === "destructive" ? "alert" : "status"}
      className={cn(
        "flex items-start gap-3 rounded-lg border bg-card p-4 text-sm",
        TONES[tone],
        className,
      )}
    >
      <StaticIcon name={tone} className="mt-0.5 size-4 shrink-0" />
      <div className="flex min-w-0 flex-1 flex-col items-start gap-3 sm:flex-row">
        <div className="grid min-w-0 flex-1 gap-1">
          {title && <p className="font-medium">{title}</p>}
          {children && <div className="text-muted-foreground">{children}</div>}
        </div>
        {action}
      </div>
    </div>
  );
}
