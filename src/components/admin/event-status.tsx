import { useTranslations } from "next-intl";
import { Badge } from "../ui/badge";

const TONES = {
  pending: "warning",
  handled: "success",
  ignored: "neutral",
  dead: "destructive",
  closed: "neutral",
} as const;

export function EventStatusBadge({ status }: { status: keyof typeof TONES }) {
  const t = useTranslations("admin.events.statuses");
  return <Badge tone={TONES[status]}>{t(status)}</Badge>;
}
