import type { ComponentProps } from "react";
import { PlainLink } from "@/components/plain-link";
import { type ButtonVariants, buttonVariants } from "./button";
import { cn } from "./cn";

/** `LinkButton` for public pages: built on `PlainLink`. */
export function PlainLinkButton({
  variant,
  size,
  className,
  ...rest
}: ComponentProps<typeof PlainLink> & ButtonVariants) {
  return <PlainLink {...rest} className={cn(buttonVariants({ variant, size }), className)} />;
}
