"use client";

import { Bell } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { markNoticesRead } from "@/app/actions/mark-notices-read";
import { Link } from "@/components/link";
import { Button } from "@/components/ui/button";
import { Popover } from "@/components/ui/popover";
import { NoticeLine } from "./notice-line";
import { useNotices } from "./use-notices";

/** The bell in the head of every signed-in page. What it shows counts as read once it was open. */
export function NoticesBell() {
  const t = useTranslations("notifications.bell");
  const { bell, countNone, unmark } = useNotices();
  const [isOpen, setOpen] = useState(false);
  const unread = bell?.unread ?? 0;
  const notices = bell?.notices ?? [];

  const newestAt = notices[0]?.createdAt;

  // Also what arrives while it is open: the first answer may come after the press.
  useEffect(() => {
    if (!isOpen || unread === 0 || newestAt === undefined) return;
    countNone();
    // What could not be marked is unread again with the next answer.
    markNoticesRead({ upTo: newestAt }).catch(() => undefined);
  }, [isOpen, unread, newestAt, countNone]);

  function onOpenChange(open: boolean): void {
    setOpen(open);
    if (!open) unmark();
  }

  return (
    <>
      <Popover
        open={isOpen}
        onOpenChange={onOpenChange}
        title={t("title")}
        trigger={
          <Button
            variant="quiet"
            size="icon"
            className="relative"
            aria-label={t("label", { unread })}
          >
            <Bell aria-hidden="true" className="size-5!" />
            {unread > 0 && (
              <span
                aria-hidden="true"
                className="absolute end-0 top-0 min-w-4 rounded-full bg-primary px-1 text-center font-medium text-[0.6875rem] text-primary-foreground tabular-nums leading-4"
              >
                {unread > 99 ? "99+" : unread}
              </span>
            )}
          </Button>
        }
      >
        {notices.length === 0 ? (
          <p className="px-4 py-6 text-muted-foreground text-sm">{t("empty")}</p>
        ) : (
          <ul className="min-h-0 divide-y overflow-y-auto">
            {notices.map((notice) => (
              <NoticeLine key={notice.id} notice={notice} onFollow={() => onOpenChange(false)} />
            ))}
          </ul>
        )}
        <Link
          href="/settings#notices"
          onClick={() => onOpenChange(false)}
          className="border-t px-4 py-2.5 text-muted-foreground text-sm hover:text-foreground"
        >
          {t("settings")}
        </Link>
      </Popover>
      <span role="status" className="sr-only">
        {unread > 0 && t("arrived", { unread })}
      </span>
    </>
  );
}
