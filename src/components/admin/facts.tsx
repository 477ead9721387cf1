import { Fragment, type ReactNode } from "react";
import { cn } from "../ui/cn";

/** Names and values under each other, as on an index card. */
export function Facts({
  facts,
  className,
}: {
  facts: readonly { readonly label: string; readonly value: ReactNode }[];
  className?: string;
}) {
  return (
    <dl
      className={cn("grid grid-cols-[auto_1fr] content-start gap-x-6 gap-y-2 text-sm", className)}
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
