import type { ComponentProps } from "react";
import { PlainLink } from "@/components/plain-link";
import { type ButtonVariants, buttonVariants } from "./button-variants";
import { cn } from "./cn";

/** As `LinkButton`, for public pages. */
export function PlainLinkButton({
  variant,
  size,
  className,
  ...rest
}: ComponentProps<typeof PlainLink> & ButtonVariants) {
  return <PlainLink {...rest} className={cn(buttonVariants({ variant, size }), className)} />;
}
