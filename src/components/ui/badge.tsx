import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "./cn";

const badgeVariants = cva(
  "inline-flex h-5.5 items-center gap-1 whitespace-nowrap rounded-sm border px-1.5 font-medium text-xs",
  {
    variants: {
      tone: {
        neutral: "border-border bg-muted text-muted-foreground",
        strong: "border-foreground bg-foreground text-background",
        accent: "border-primary/40 text-primary-ink",
        success: "border-success/40 text-success",
        warning: "border-warning/40 text-warning",
        destructive: "border-destructive/40 text-destructive",
      },
    },
    defaultVariants: { tone: "neutral" },
  },
);

/** A word that says what state something is in. */
export function Badge({
  tone,
  className,
  ...rest
}: ComponentProps<"span"> & VariantProps<typeof badgeVariants>) {
  return <span {...rest} className={cn(badgeVariants({ tone }), className)} />;
}
