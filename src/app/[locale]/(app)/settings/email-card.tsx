import { useTranslations } from "next-intl";
import { ResendVerification } from "@/app/[locale]/(auth)/resend-verification";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { ChangeEmail } from "./change-email";

/** The email address, whether it is verified, and a form that changes it. */
export function EmailCard({
  email,
  isVerified,
  hasPassword,
}: {
  email: string;
  isVerified: boolean;
  hasPassword: boolean;
}) {
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
        <ChangeEmail email={email} hasPassword={hasPassword} />
      </div>
    </Card>
  );
}
