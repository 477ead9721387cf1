import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { Link } from "@/components/link";
import { Card, CardHeader } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { product } from "@/product/current";

/** What a new user can do first. Hidden once the product has been used. */
export function FirstSteps({
  isVerified,
  hasUsed,
  hasClaimed,
}: {
  isVerified: boolean;
  /** Whether the product has been used. */
  hasUsed: boolean;
  /** Whether daily credits were ever claimed. */
  hasClaimed: boolean;
}) {
  const t = useTranslations("dashboard.firstSteps");
  if (hasUsed) return null;
  const steps = [
    { label: t("use"), href: product.startHref, isDone: hasUsed },
    { label: t("verify"), href: "/settings", isDone: isVerified },
    { label: t("claim"), href: "/dashboard#sign-in", isDone: hasClaimed },
  ] as const;
  return (
    <Card>
      <CardHeader title={t("title")} />
      <ol className="grid gap-3 text-sm">
        {steps.map(({ label, href, isDone }, index) => (
          <li key={href} className="flex items-center gap-3">
            <span
              aria-hidden="true"
              className={cn(
                "grid size-6 shrink-0 place-items-center rounded-full border text-xs tabular-nums",
                isDone && "border-transparent bg-muted text-muted-foreground",
              )}
            >
              {isDone ? <Check className="size-3.5" /> : index + 1}
            </span>
            {isDone ? (
              <span className="text-muted-foreground">
                {label} <span className="sr-only">{t("done")}</span>
              </span>
            ) : (
              <Link href={href} className="underline underline-offset-4">
                {label}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}
