import { cn } from "./cn";
import { PendingButton, type PendingButtonProps } from "./pending-button";

const BASE = [
  "inline-flex shrink-0 items-center justify-center gap-2 whitespace-nowrap font-medium",
  "select-none transition-[background-color,border-color,color,box-shadow] duration-150",
  "disabled:pointer-events-none disabled:opacity-50 aria-disabled:pointer-events-none aria-disabled:opacity-50",
  "[&_svg]:shrink-0",
].join(" ");

const VARIANTS = {
  primary:
    "rounded-md bg-primary text-primary-foreground shadow-press hover:bg-primary-hover active:shadow-none",
  secondary:
    "rounded-md border border-input bg-card text-foreground shadow-press hover:bg-muted active:shadow-none",
  ghost: "rounded-md text-foreground hover:bg-muted",
  quiet: "rounded-md text-muted-foreground hover:bg-muted hover:text-foreground",
  destructive:
    "rounded-md border border-destructive/40 bg-card text-destructive shadow-press hover:bg-destructive hover:text-destructive-foreground active:shadow-none",
  link: "rounded-xs text-foreground underline decoration-border decoration-1 underline-offset-4 hover:decoration-current",
};

const SIZES = {
  sm: "h-8 px-3 text-sm [&_svg]:size-4",
  md: "h-10 px-4 text-sm [&_svg]:size-4",
  lg: "h-12 px-6 text-base [&_svg]:size-4",
  icon: "size-10 [&_svg]:size-4",
};

/** The `link` variant is used in running text: it has the text's size and no padding. */
const LINK_SIZES = { sm: "text-sm", md: "text-sm", lg: "text-base", icon: "" };

export interface ButtonVariants {
  variant?: keyof typeof VARIANTS | undefined;
  size?: keyof typeof SIZES | undefined;
}

/** Returns the classes of a button. Use `primary` once per page, for its main action. */
export function buttonVariants({
  variant = "secondary",
  size = "md",
}: ButtonVariants = {}): string {
  const sizes = variant === "link" ? LINK_SIZES : SIZES;
  return cn(BASE, VARIANTS[variant], sizes[size]);
}

export type ButtonProps = PendingButtonProps & ButtonVariants;

/** A button in one of the variants. See `PendingButton`. */
export function Button({ variant, size, className, ...rest }: ButtonProps) {
  return <PendingButton {...rest} className={cn(buttonVariants({ variant, size }), className)} />;
}
