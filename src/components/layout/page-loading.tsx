import { useTranslations } from "next-intl";
import { Skeleton } from "@/components/ui/skeleton";

/**
 * The shape most pages have, while their figures are being read. A `loading.tsx` stands beside the
 * pages that cannot be missing and never above one that can: what is streamed below it has answered
 * 200 before the page knows.
 */
export function PageLoading() {
  const t = useTranslations("common");
  return (
    <div role="status" className="grid gap-8">
      <span className="sr-only">{t("loading")}</span>
      <Skeleton className="h-9 w-56" />
      <div className="grid gap-4 sm:grid-cols-3">
        <Skeleton className="h-28" />
        <Skeleton className="h-28" />
        <Skeleton className="h-28" />
      </div>
      <Skeleton className="h-72" />
    </div>
  );
}
