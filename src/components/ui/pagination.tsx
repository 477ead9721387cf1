import { ChevronFirst, ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { LinkButton } from "./link-button";

/**
 * Keyset pagination: newest, newer, older. There are no page numbers because rows are added all the
 * time. Each `href` is a path without a locale; null hides the link.
 */
export function Pagination({
  newestHref = null,
  newerHref = null,
  olderHref = null,
}: {
  newestHref?: string | null;
  newerHref?: string | null;
  olderHref?: string | null;
}) {
  const t = useTranslations("common.pagination");
  if (newestHref === null && newerHref === null && olderHref === null) return null;
  return (
    <nav aria-label={t("label")} className="mt-4 flex gap-2">
      {newestHref !== null && (
        <LinkButton href={newestHref} size="sm" variant="quiet">
          <ChevronFirst aria-hidden="true" />
          {t("first")}
        </LinkButton>
      )}
      {newerHref !== null && (
        <LinkButton href={newerHref} size="sm" variant="quiet" rel="prev">
          <ChevronLeft aria-hidden="true" />
          {t("newer")}
        </LinkButton>
      )}
      {olderHref !== null && (
        <LinkButton href={olderHref} size="sm" variant="quiet" rel="next" className="ms-auto">
          {t("older")}
          <ChevronRight aria-hidden="true" />
        </LinkButton>
      )}
    </nav>
  );
}
