import type { ComponentProps } from "react";
import { cn } from "./cn";

const BASE =
  "inline-flex h-5.5 items-center gap-1 whitespace-nowrap rounded-sm border px-1.5 font-medium text-xs";

const TONES = {
  neutral: "border-border bg-muted text-muted-foreground",
  strong: "border-foreground bg-foreground text-background",
  accent: "border-primary/40 text-primary-ink",
  success: "border-success/40 text-success",
  warning: "border-warning/40 text-warning",
  destructive: "border-destructive/40 text-destructive",
};

/** A short status label. */
export function Badge({
  tone = "neutral",
  className,
  ...rest
}: ComponentProps<"span"> & { tone?: keyof typeof TONES }) {
  return <span {...rest} className={cn(BASE, TONES[tone], className)} />;
}
