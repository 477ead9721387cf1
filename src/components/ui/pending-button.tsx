"use no memo";

import type { ComponentProps } from "react";
import { Spinner } from "./spinner";

export interface PendingButtonProps extends ComponentProps<"button"> {
  /** Shows a spinner and ignores clicks. The button keeps its width and its focus. */
  pending?: boolean | undefined;
}

/**
 * A button without a look. `Button` has the variants; public pages pass `buttonVariants` from the server,
 * which keeps them out of the script. A disabled or pending button stays focusable, so that keyboard users
 * do not lose their place.
 */
export function PendingButton({
  className = "",
  pending = false,
  disabled,
  type = "button",
  onClick,
  children,
  ...rest
}: PendingButtonProps) {
  const isIdle = !pending && disabled !== true;
  return (
    <button
      {...rest}
      type={isIdle ? type : "button"}
      className={pending ? `relative ${className}` : className}
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
