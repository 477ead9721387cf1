import type { ReactNode } from "react";
import { Card } from "@/components/ui/card";

/** The sheet of a page in this group: its one `h1`, the form, and the way elsewhere below it. */
export function AuthSheet({
  title,
  description,
  children,
  elsewhere,
}: {
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  elsewhere?: ReactNode;
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
      {elsewhere && <p className="text-center text-muted-foreground text-sm">{elsewhere}</p>}
    </div>
  );
}
