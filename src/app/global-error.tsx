"use client";

import "./globals.css";

/**
 * Replaces the root layout when it fails. The language is unknown here, so the text is in both. The
 * button reloads the page, because scripts of an older deployment may be gone.
 */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  "use no memo";
  return (
    <html lang="en">
      <body>
        <title>QiFlow</title>
        <main className="mx-auto grid min-h-dvh max-w-xl content-center gap-6 px-6">
          <div className="grid gap-2">
            <h1 className="font-heading text-2xl">Something went wrong</h1>
            <p className="text-muted-foreground">
              This is our fault. A request either completes or has no effect.
            </p>
          </div>
          <div className="grid gap-2" lang="zh-CN">
            <p className="font-heading text-xl">页面出错了</p>
            <p className="text-muted-foreground">
              问题出在我们这边。操作要么全部完成，要么完全不生效。
            </p>
          </div>
          <button
            type="button"
            onClick={() => window.location.reload()}
            className="h-10 justify-self-start rounded-md bg-primary px-4 font-medium text-primary-foreground text-sm"
          >
            Try again / 重试
          </button>
          {error.digest && (
            <p className="font-mono text-muted-foreground text-xs">{error.digest}</p>
          )}
        </main>
      </body>
    </html>
  );
}
