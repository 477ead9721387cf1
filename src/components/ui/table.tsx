// biome-ignore-all lint/a11y/noRedundantRoles: as cards, the elements lose their roles in some browsers
import { Children, type ComponentProps, isValidElement, type ReactNode } from "react";
import { cn } from "./cn";

/**
 * A table that scrolls horizontally on narrow screens. Use `numeric` for columns of figures. With
 * `cards`, each row is a card on phones, whose lines show the header of their column; the table stays
 * a table for screen readers.
 */
export function Table({
  className,
  label,
  cards = false,
  ...rest
}: ComponentProps<"table"> & { label: string; cards?: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="relative w-full overflow-x-auto">
      <table
        role="table"
        {...rest}
        style={cards ? columnNames(rest.children) : undefined}
        className={cn("w-full border-collapse text-sm", cards && "table-cards", className)}
      />
    </section>
  );
}

/** The headers as the custom properties `--column-1` and so on, which globals.css shows on cards. */
function columnNames(children: ReactNode): Record<string, string> {
  const names = headersIn(children).map((header) => JSON.stringify(textOf(header)));
  return Object.fromEntries(names.map((name, index) => [`--column-${index + 1}`, name]));
}

function headersIn(node: ReactNode): ReactNode[] {
  return Children.toArray(node).flatMap((child) => {
    if (!isValidElement<{ children?: ReactNode }>(child) || child.type === TableBody) return [];
    return child.type === TableHeader ? [child] : headersIn(child.props.children);
  });
}

function textOf(node: ReactNode): string {
  return Children.toArray(node)
    .map((child) =>
      isValidElement<{ children?: ReactNode }>(child)
        ? textOf(child.props.children)
        : String(child),
    )
    .join("");
}

export function TableHead(props: ComponentProps<"thead">) {
  return (
    <thead
      role="rowgroup"
      {...props}
      className={cn("border-foreground/70 border-b", props.className)}
    />
  );
}

export function TableBody(props: ComponentProps<"tbody">) {
  return (
    <tbody
      role="rowgroup"
      {...props}
      className={cn("[&>tr:last-child]:border-0", props.className)}
    />
  );
}

export function TableRow(props: ComponentProps<"tr">) {
  return <tr role="row" {...props} className={cn("border-b transition-colors", props.className)} />;
}

export function TableHeader({
  numeric = false,
  className,
  ...rest
}: ComponentProps<"th"> & { numeric?: boolean }) {
  return (
    <th
      scope="col"
      role="columnheader"
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
      role="cell"
      {...rest}
      className={cn(
        "px-3 py-2.5 align-baseline first:ps-0 last:pe-0",
        numeric && "whitespace-nowrap text-end tabular-nums",
        className,
      )}
    />
  );
}
