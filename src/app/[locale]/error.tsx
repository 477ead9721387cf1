"use client";

import { useRouter } from "next/navigation";
import { startTransition } from "react";
import { ErrorPage } from "@/components/error-page";

/** The error itself is logged on the server; the digest is what links this page to that line. */
export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const router = useRouter();
  const retry = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <main id="content" className="grid flex-1 px-6">
      <ErrorPage digest={error.digest} onRetry={retry} />
    </main>
  );
}
