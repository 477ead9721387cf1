"use client";

import { Bell } from "lucide-react";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useRef, useState } from "react";
import { browserBalance } from "@/components/balance/browser-balance";
import { Link } from "@/components/link";
import { useRenderedFor } from "@/components/rendered-for";
import { Button } from "@/components/ui/button";
import { Popover } from "@/components/ui/popover";
import type { Notice, NoticeList } from "@/notifications/notice";
import { markNoticesRead } from "./actions";
import { type ItemNames, NoticeLine } from "./notice-line";

const TIMEOUT_MS = 10_000;

/** The bell in the header of every signed-in page. Opening it marks its notices as read. */
export function NoticesBell({ itemNames }: { itemNames: ItemNames }) {
  const t = useTranslations("notifications.bell");
  const { bell, clearCount, clearMarks } = useNotices();
  const renderedFor = useRenderedFor();
  const [isOpen, setOpen] = useState(false);
  const unread = bell?.unread ?? 0;
  const notices = bell?.notices ?? [];

  const newestAt = notices[0]?.createdAt;

  // Also marks notices that arrive while the bell is open.
  useEffect(() => {
    if (!isOpen || unread === 0 || newestAt === undefined) return;
    clearCount();
    // If this fails, the next response shows the notices as unread again.
    markNoticesRead(renderedFor, { upTo: newestAt }).catch(() => undefined);
  }, [isOpen, unread, newestAt, clearCount, renderedFor]);

  function onOpenChange(open: boolean): void {
    setOpen(open);
    if (!open) clearMarks();
  }

  return (
    <>
      <Popover
        onOpenChange={onOpenChange}
        title={t("title")}
        trigger={(attributes) => (
          <Button
            {...attributes}
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
        )}
      >
        {notices.length === 0 ? (
          <p className="px-4 py-6 text-muted-foreground text-sm">{t("empty")}</p>
        ) : (
          <ul className="min-h-0 divide-y overflow-y-auto">
            {notices.map((notice) => (
              <NoticeLine key={notice.id} notice={notice} itemNames={itemNames} />
            ))}
          </ul>
        )}
        <Link
          href="/settings#notices"
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

/**
 * The user's notices; null until the first response. Refetches whenever the balance changes (see
 * `balance-store`), so a hidden tab sends no requests. A failed request keeps the current notices.
 */
function useNotices() {
  const [bell, setBell] = useState<NoticeList | null>(null);
  const requests = useRef(0);
  const load = useCallback(async () => {
    const request = ++requests.current;
    const next = await loadNotices().catch(() => null);
    if (next !== null && request === requests.current) setBell(next);
  }, []);
  useEffect(() => {
    void load();
    return browserBalance.subscribe(() => void load());
  }, [load]);
  /** Sets the unread count to 0. New notices keep their mark while the bell is open. */
  const clearCount = useCallback(() => {
    requests.current += 1;
    setBell((shown) => shown && { ...shown, unread: 0 });
  }, []);
  /** Removes the marks locally. A refetch could overtake the action that marks them as read. */
  const clearMarks = useCallback(() => {
    requests.current += 1;
    setBell((shown) => shown && { ...shown, notices: shown.notices.map(asRead) });
  }, []);
  return { bell, clearCount, clearMarks };
}

function asRead(notice: Notice): Notice {
  return { ...notice, readAt: notice.readAt ?? notice.createdAt };
}

/** Does not parse the response of our own server: zod would be 17 kB of script on every page. */
async function loadNotices(): Promise<NoticeList> {
  const response = await fetch("/api/notifications", {
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`GET /api/notifications returned ${response.status}.`);
  return response.json();
}
