"use client";

import { useParams, useRouter } from "next/navigation";
import { startTransition } from "react";
import { isOutOfDate } from "@/components/call-action";
import { localePath } from "@/lib/locales";

/** Not in the message files, because public pages send no messages to the browser. */
const TEXTS = {
  en: {
    title: "Something went wrong",
    text: "This is our fault. Your credits and payments are safe: a request either completes or has no effect.",
    retry: "Try again",
    outOfDateTitle: "This page is out of date",
    outOfDateText: "QiFlow was updated while this page was open. Reload it to continue.",
    reload: "Reload",
    home: "Go to home page",
    reference: "Reference",
  },
  "zh-CN": {
    title: "页面出错了",
    text: "问题出在我们这边。您的积分和付款都是安全的：操作要么全部完成，要么完全不生效。",
    retry: "重试",
    outOfDateTitle: "页面已过期",
    outOfDateText: "QiFlow已更新，请刷新页面后继续。",
    reload: "刷新页面",
    home: "返回首页",
    reference: "参考编号",
  },
} as const;

/** The classes of a button, written out: every page loads this file, and the variants are 1.4 kB. */
const BUTTON =
  "inline-flex h-10 items-center rounded-md bg-primary px-4 font-medium text-primary-foreground text-sm shadow-press hover:bg-primary-hover";
const LINK = "inline-flex h-10 items-center rounded-md px-4 font-medium text-sm hover:bg-muted";

/** The server logs the error. The digest identifies its log entry. */
export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  "use no memo";
  const locale = useParams().locale === "zh-CN" ? "zh-CN" : "en";
  const texts = TEXTS[locale];
  const router = useRouter();
  const outOfDate = isOutOfDate(error);
  const retry = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <main id="content" className="mx-auto grid w-full max-w-xl flex-1 content-center gap-6 px-6">
      <h1 className="font-heading text-3xl">{outOfDate ? texts.outOfDateTitle : texts.title}</h1>
      <p className="text-muted-foreground">{outOfDate ? texts.outOfDateText : texts.text}</p>
      <div className="flex flex-wrap gap-2">
        <button
          type="button"
          className={BUTTON}
          onClick={outOfDate ? () => window.location.reload() : retry}
        >
          {outOfDate ? texts.reload : texts.retry}
        </button>
        {/* A full page load discards the failed state. */}
        <a href={localePath(locale, "/")} className={LINK}>
          {texts.home}
        </a>
      </div>
      {error.digest && (
        <p className="font-mono text-muted-foreground text-xs">
          {texts.reference} {error.digest}
        </p>
      )}
    </main>
  );
}
