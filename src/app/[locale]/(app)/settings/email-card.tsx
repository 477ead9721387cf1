import { useTranslations } from "next-intl";
import { ResendVerification } from "@/app/[locale]/(auth)/resend-verification";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";

/** The email address and whether it is verified. */
export function EmailCard({ email, isVerified }: { email: string; isVerified: boolean }) {
  const t = useTranslations("settings.email");
  return (
    <Card>
      <CardHeader
        title={t("title")}
        aside={
          <Badge tone={isVerified ? "success" : "warning"}>
            {t(isVerified ? "verified" : "unverified")}
          </Badge>
        }
      />
      <div className="grid gap-3">
        <p className="break-all">{email}</p>
        {!isVerified && (
          <>
            <p className="text-muted-foreground text-sm">{t("why")}</p>
            <ResendVerification email={email} />
          </>
        )}
      </div>
    </Card>
  );
}
