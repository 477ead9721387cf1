"use client";

import { Eye } from "lucide-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, useEffect } from "react";
import { DateTime } from "@/components/date-time";
import { ReaderZoneProvider } from "@/components/reader-zone";
import { RenderedForProvider } from "@/components/rendered-for";
import { Button } from "@/components/ui/button";
import { localePath } from "@/lib/locales";

/**
 * A customer's page that an admin looks at. The banner stays in sight, and the view closes when it
 * ends. Nothing inside can be operated: it is inert, and every action below names the customer, whom
 * the server compares with the admin and refuses.
 */
export function ViewFrame({
  userId,
  email,
  timeZone,
  endsAt,
  now,
  children,
}: {
  userId: string;
  email: string;
  timeZone: string;
  endsAt: Date;
  now: Date;
  children: ReactNode;
}) {
  const t = useTranslations("admin.view");
  const router = useRouter();
  const home = localePath(useLocale(), `/admin/users/${encodeURIComponent(userId)}`);
  const remainingMs = endsAt.getTime() - now.getTime();
  useEffect(() => {
    const timer = setTimeout(() => router.replace(home), remainingMs);
    return () => clearTimeout(timer);
  }, [router, home, remainingMs]);
  return (
    <>
      <div
        role="status"
        className="sticky bottom-4 z-20 order-last flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md border border-warning bg-card px-4 py-3 text-sm shadow-lg"
      >
        <Eye aria-hidden="true" className="size-4 shrink-0" />
        <p className="min-w-0 flex-1">
          {t.rich("banner", {
            email,
            instant: () => <DateTime instant={endsAt} />,
          })}
        </p>
        <Button size="sm" onClick={() => router.replace(home)}>
          {t("end")}
        </Button>
      </div>
      <RenderedForProvider userId={userId}>
        <div inert className="rounded-lg border-2 border-warning border-dashed p-4 sm:p-6">
          <ReaderZoneProvider timeZone={timeZone}>{children}</ReaderZoneProvider>
        </div>
      </RenderedForProvider>
    </>
  );
}
