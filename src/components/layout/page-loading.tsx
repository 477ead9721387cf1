import { useTranslations } from "next-intl";
import { Skeleton } from "@/components/ui/skeleton";

/**
 * The skeleton of most pages. Do not put a `loading.tsx` above a page that can be missing: streaming
 * sends status 200 before the page can call `notFound()`.
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
