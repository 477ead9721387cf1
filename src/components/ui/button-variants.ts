import { cva, type VariantProps } from "class-variance-authority";

/**
 * How something that is pressed looks. `primary` is cinnabar: once a page, for the one thing to do.
 */
export const buttonVariants = cva(
  [
    "inline-flex shrink-0 items-center justify-center gap-2 whitespace-nowrap rounded-md font-medium",
    "select-none transition-[background-color,border-color,color,box-shadow] duration-150",
    "disabled:pointer-events-none disabled:opacity-50 aria-disabled:pointer-events-none aria-disabled:opacity-50",
    "[&_svg]:size-4 [&_svg]:shrink-0",
  ],
  {
    variants: {
      variant: {
        primary:
          "bg-primary text-primary-foreground shadow-press hover:bg-primary-hover active:shadow-none",
        secondary:
          "border border-input bg-card text-foreground shadow-press hover:bg-muted active:shadow-none",
        ghost: "text-foreground hover:bg-muted",
        quiet: "text-muted-foreground hover:bg-muted hover:text-foreground",
        destructive:
          "border border-destructive/40 bg-card text-destructive shadow-press hover:bg-destructive hover:text-destructive-foreground active:shadow-none",
        link: "h-auto rounded-xs p-0 text-foreground underline decoration-border decoration-1 underline-offset-4 hover:decoration-current",
      },
      size: {
        sm: "h-8 px-3 text-sm",
        md: "h-10 px-4 text-sm",
        lg: "h-12 px-6 text-base",
        icon: "size-10",
      },
    },
    compoundVariants: [{ variant: "link", class: "h-auto px-0" }],
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export type ButtonVariants = VariantProps<typeof buttonVariants>;
