import type { ComponentProps } from "react";
import { cn } from "./cn";

/** A table that scrolls horizontally on narrow screens. Use `numeric` for columns of figures. */
export function Table({ className, label, ...rest }: ComponentProps<"table"> & { label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="relative w-full overflow-x-auto">
      <table {...rest} className={cn("w-full border-collapse text-sm", className)} />
    </section>
  );
}

export function TableHead(props: ComponentProps<"thead">) {
  return <thead {...props} className={cn("border-foreground/70 border-b", props.className)} />;
}

export function TableBody(props: ComponentProps<"tbody">) {
  return <tbody {...props} className={cn("[&>tr:last-child]:border-0", props.className)} />;
}

export function TableRow(props: ComponentProps<"tr">) {
  return <tr {...props} className={cn("border-b transition-colors", props.className)} />;
}

export function TableHeader({
  numeric = false,
  className,
  ...rest
}: ComponentProps<"th"> & { numeric?: boolean }) {
  return (
    <th
      scope="col"
      {...rest}
      className={cn(
        "h-9 whitespace-nowrap px-3 align-bottom pb-2 font-normal text-muted-foreground text-xs first:ps-0 last:pe-0",
        numeric ? "text-end" : "text-start",
        className,
      )}
    />
  );
}

export function TableCell({
  numeric = false,
  className,
  ...rest
}: ComponentProps<"td"> & { numeric?: boolean }) {
  return (
    <td
      {...rest}
      className={cn(
        "px-3 py-2.5 align-baseline first:ps-0 last:pe-0",
        numeric && "whitespace-nowrap text-end tabular-nums",
        className,
      )}
    />
  );
}
