import type { ComponentProps } from "react";
import { type ButtonVariants, buttonVariants } from "./button-variants";
import { cn } from "./cn";
import { Spinner } from "./spinner";

export interface ButtonProps extends ComponentProps<"button">, ButtonVariants {
  /** Work is under way: the button says so, cannot be pressed again and keeps its width and focus. */
  pending?: boolean | undefined;
}

/** One that is disabled does nothing but keeps its place for the keyboard: focus is never lost to it. */
export function Button({
  variant,
  size,
  className,
  pending = false,
  disabled,
  type = "button",
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const isIdle = !pending && disabled !== true;
  return (
    <button
      {...rest}
      type={isIdle ? type : "button"}
      className={cn(buttonVariants({ variant, size }), pending && "relative", className)}
      aria-disabled={isIdle ? undefined : true}
      aria-busy={pending || undefined}
      onClick={isIdle ? onClick : undefined}
    >
      {pending ? (
        <>
          <span className="absolute inset-0 grid place-items-center">
            <Spinner />
          </span>
          <span className="inline-flex items-center gap-2 opacity-0">{children}</span>
        </>
      ) : (
        children
      )}
    </button>
  );
}
