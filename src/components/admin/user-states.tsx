import { useTranslations } from "next-intl";
import { Badge } from "../ui/badge";

/** What is out of the ordinary about a user, as badges; nothing for an ordinary one. */
export function UserStates({
  user,
}: {
  user: { role: string; banned: boolean; frozen: boolean; deletedAt: Date | null };
}) {
  const t = useTranslations("admin.userStates");
  return (
    <span className="inline-flex flex-wrap gap-1 align-middle">
      {user.role === "admin" && <Badge tone="strong">{t("admin")}</Badge>}
      {user.banned && <Badge tone="destructive">{t("banned")}</Badge>}
      {user.frozen && <Badge tone="warning">{t("frozen")}</Badge>}
      {user.deletedAt && <Badge>{t("deleted")}</Badge>}
    </span>
  );
}
