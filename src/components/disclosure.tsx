import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

/** A `details` element: a title that expands. Works before scripts are loaded. */
export function Disclosure({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <details className="group">
      <summary className="flex list-none items-baseline gap-1.5 [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden="true"
          className="size-3.5 shrink-0 translate-y-0.5 text-muted-foreground transition-transform group-open:rotate-90 motion-reduce:transition-none"
        />
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">{title}</span>
      </summary>
      <div className="mt-2 ps-5">{children}</div>
    </details>
  );
}
