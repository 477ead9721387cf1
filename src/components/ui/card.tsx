import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";

export function Card({ className, ...rest }: ComponentProps<"section">) {
  return (
    <section
      {...rest}
      className={cn(
        "rounded-lg border bg-card p-5 text-card-foreground shadow-sheet sm:p-6",
        className,
      )}
    />
  );
}

/** The heading of a card. `aside` is on the right. */
export function CardHeader({
  title,
  description,
  aside,
  level = 2,
}: {
  title: ReactNode;
  description?: ReactNode;
  aside?: ReactNode;
  level?: 2 | 3;
}) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <header className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
      <div className="grid wrap-anywhere gap-1">
        <Heading className="font-semibold text-base">{title}</Heading>
        {description && <p className="text-muted-foreground text-sm">{description}</p>}
      </div>
      {aside}
    </header>
  );
}
