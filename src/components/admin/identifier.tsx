import { cn } from "../ui/cn";

/** An id as machines write it: it may break anywhere, so that a long one does not widen the page. */
export function Identifier({ children, className }: { children: string; className?: string }) {
  return <code className={cn("break-all font-mono text-xs", className)}>{children}</code>;
}
