import { useTranslations } from "next-intl";
import { Badge } from "../ui/badge";

const EVENT_TONES = {
  pending: "warning",
  handled: "success",
  ignored: "neutral",
  dead: "destructive",
  closed: "neutral",
} as const;

export function EventStatusBadge({ status }: { status: keyof typeof EVENT_TONES }) {
  const t = useTranslations("admin.events.statuses");
  return <Badge tone={EVENT_TONES[status]}>{t(status)}</Badge>;
}

const OUTBOX_TONES = {
  pending: "warning",
  done: "success",
  dead: "destructive",
  closed: "neutral",
} as const;

export function OutboxStatusBadge({ status }: { status: keyof typeof OUTBOX_TONES }) {
  const t = useTranslations("admin.outbox.statuses");
  return <Badge tone={OUTBOX_TONES[status]}>{t(status)}</Badge>;
}

const RUN_TONES = { running: "warning", done: "success", failed: "destructive" } as const;

export function RunStatusBadge({ status }: { status: keyof typeof RUN_TONES }) {
  const t = useTranslations("admin.runs.statuses");
  return <Badge tone={RUN_TONES[status]}>{t(status)}</Badge>;
}

/** Badges for an admin and for a banned, frozen or deleted user; empty for everyone else. */
export function UserBadges({
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
