import type { ComponentProps } from "react";
import { Link } from "@/components/link";
import { type ButtonVariants, buttonVariants } from "./button";
import { cn } from "./cn";

/** A link that looks like a button. Use it for navigation, never for actions. */
export function LinkButton({
  variant,
  size,
  className,
  ...rest
}: ComponentProps<typeof Link> & ButtonVariants) {
  return <Link {...rest} className={cn(buttonVariants({ variant, size }), className)} />;
}
