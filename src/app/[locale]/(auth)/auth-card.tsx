import type { ReactNode } from "react";
import { Card } from "@/components/ui/card";

/** The card of an authentication page: its only `h1`, the form, and links to related pages. */
export function AuthCard({
  title,
  description,
  children,
  footer,
}: {
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
}) {
  return (
    <div className="grid w-full max-w-md gap-5">
      <Card className="grid gap-6">
        <header className="grid gap-2">
          <h1 className="font-heading text-2xl">{title}</h1>
          {description && <div className="text-muted-foreground text-sm">{description}</div>}
        </header>
        {children}
      </Card>
      {footer && <p className="text-center text-muted-foreground text-sm">{footer}</p>}
    </div>
  );
}
