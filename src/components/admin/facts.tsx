import { Fragment, type ReactNode } from "react";
import { cn } from "../ui/cn";

/** A list of labels and values. */
export function Facts({
  facts,
  className,
}: {
  facts: readonly { readonly label: string; readonly value: ReactNode }[];
  className?: string;
}) {
  return (
    <dl
      className={cn(
        "grid grid-cols-[fit-content(45%)_1fr] content-start gap-x-6 gap-y-2 text-sm",
        className,
      )}
    >
      {facts.map(({ label, value }) => (
        <Fragment key={label}>
          <dt className="text-muted-foreground">{label}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** An id in monospace. It may break anywhere, so that it does not widen the page. */
export function Identifier({ children, className }: { children: string; className?: string }) {
  return <code className={cn("break-all font-mono text-xs", className)}>{children}</code>;
}

export function Json({ value }: { value: unknown }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
    <pre tabIndex={0} className="max-h-160 overflow-auto rounded-md bg-muted p-4 font-mono text-xs">
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
