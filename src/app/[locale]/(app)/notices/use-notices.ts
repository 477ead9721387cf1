"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { browserBalance } from "@/components/balance/browser-balance";
import { type Notice, type NoticeList, noticeList } from "@/notifications/notice";

const TIME_LIMIT_MS = 10_000;

/**
 * The notices of this person, null until the first answer. They keep the balance's rhythm (see
 * `balance-store`): whenever the balance was read anew, so are they. So a hidden tab asks for
 * nothing, and what a purchase or a reading brings shows at once. After a failed call they stay.
 */
export function useNotices() {
  const [bell, setBell] = useState<NoticeList | null>(null);
  const questions = useRef(0);
  const read = useCallback(async () => {
    const question = ++questions.current;
    const next = await loadNotices().catch(() => null);
    if (next !== null && question === questions.current) setBell(next);
  }, []);
  useEffect(() => {
    void read();
    return browserBalance.subscribe(() => void read());
  }, [read]);
  /** Counts all as seen on screen; those that are new keep their mark until they are read anew. */
  const countNone = useCallback(() => {
    questions.current += 1;
    setBell((shown) => shown && { ...shown, unread: 0 });
  }, []);
  /** Takes the marks off; without asking, as the answer might overtake what marks them as read. */
  const unmark = useCallback(() => {
    questions.current += 1;
    setBell((shown) => shown && { ...shown, notices: shown.notices.map(asRead) });
  }, []);
  return { bell, countNone, unmark };
}

function asRead(notice: Notice): Notice {
  return { ...notice, readAt: notice.readAt ?? notice.createdAt };
}

async function loadNotices(): Promise<NoticeList> {
  const answer = await fetch("/api/notifications", {
    cache: "no-store",
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  if (!answer.ok) throw new Error(`The notices answered ${answer.status}.`);
  return noticeList.parse(await answer.json());
}
