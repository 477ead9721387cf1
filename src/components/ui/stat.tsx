import type { ReactNode } from "react";
import { cn } from "./cn";

/** A figure with its label above and a note below. Must be inside a `dl`, such as `StatList`. */
export function Stat({
  label,
  children,
  note,
  className,
}: {
  label: ReactNode;
  children: ReactNode;
  note?: ReactNode;
  className?: string;
}) {
  return (
    <div className={cn("grid content-start gap-1", className)}>
      <dt className="text-muted-foreground text-sm">{label}</dt>
      <dd className="font-medium text-2xl tabular-nums tracking-tight">{children}</dd>
      {note && <dd className="text-muted-foreground text-sm">{note}</dd>}
    </div>
  );
}

export function StatList({
  children,
  columns = "lg:grid-cols-4",
  className,
}: {
  children: ReactNode;
  /** Tailwind classes for the number of columns on wide screens. */
  columns?: string;
  className?: string;
}) {
  return <dl className={cn("grid gap-6 sm:grid-cols-2", columns, className)}>{children}</dl>;
}
