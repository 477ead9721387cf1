import { useTranslations } from "next-intl";
import { PlainLinkButton } from "@/components/ui/plain-link-button";

export function NotFoundPage() {
  const t = useTranslations("errors.page");
  return (
    <div className="mx-auto grid w-full max-w-xl content-center gap-6 py-20">
      <div className="grid gap-2">
        <h1 className="font-heading text-3xl">{t("notFoundTitle")}</h1>
        <p className="text-muted-foreground">{t("notFoundText")}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        <PlainLinkButton href="/">{t("home")}</PlainLinkButton>
        <PlainLinkButton href="/dashboard" variant="ghost">
          {t("dashboard")}
        </PlainLinkButton>
      </div>
    </div>
  );
}
