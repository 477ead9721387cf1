import type { ComponentProps } from "react";
import { cn } from "./cn";

/** A placeholder for content that is still loading. */
export function Skeleton({ className, ...rest }: ComponentProps<"div">) {
  return (
    <div
      {...rest}
      aria-hidden="true"
      className={cn("animate-pulse rounded-md bg-muted motion-reduce:animate-none", className)}
    />
  );
}
