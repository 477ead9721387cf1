import { useTranslations } from "next-intl";
import { Badge } from "../ui/badge";

const TONES = { running: "warning", done: "success", failed: "destructive" } as const;

export function RunStatusBadge({ status }: { status: keyof typeof TONES }) {
  const t = useTranslations("admin.runs.statuses");
  return <Badge tone={TONES[status]}>{t(status)}</Badge>;
}
