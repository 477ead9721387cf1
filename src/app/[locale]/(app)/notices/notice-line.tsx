import { useTranslations } from "next-intl";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { cn } from "@/components/ui/cn";
import type { Notice, NoticeContent } from "@/notifications/notice";
import { useNoticeWords } from "./use-notice-words";

/** Where a person sees more of it, or does something about it. */
const PAGES: Record<NoticeContent["kind"], string> = {
  "purchase-received": "/billing#payments",
  "payment-failed": "/billing",
  "credits-expiring": "/credits",
  "low-balance": "/pricing#packs",
};

export function NoticeLine({ notice, onFollow }: { notice: Notice; onFollow: () => void }) {
  const t = useTranslations("notifications.bell");
  const { title, text } = useNoticeWords(notice);
  const isNew = notice.readAt === null;
  return (
    <li>
      <Link
        href={PAGES[notice.kind]}
        prefetch={false}
        onClick={onFollow}
        className="grid grid-cols-[0.5rem_1fr] gap-x-3 px-4 py-3 text-sm hover:bg-muted"
      >
        <span className={cn("mt-1.5 size-2 rounded-full", isNew && "bg-primary")}>
          {isNew && <span className="sr-only">{t("unread")}</span>}
        </span>
        <span className="grid gap-0.5">
          <span className={cn(isNew && "font-medium")}>{title}</span>
          <span className="text-muted-foreground">{text}</span>
          <DateTime instant={notice.createdAt} className="text-muted-foreground text-xs" />
        </span>
      </Link>
    </li>
  );
}
