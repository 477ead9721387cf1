import { useTranslations } from "next-intl";

/** Lets keyboard users skip the header. Links to `<main id="content">`. */
export function SkipLink() {
  const t = useTranslations("common");
  return (
    <a
      href="#content"
      className="sr-only z-60 rounded-md bg-foreground px-4 py-2 text-background text-sm focus:not-sr-only focus:fixed focus:start-4 focus:top-4"
    >
      {t("skipToContent")}
    </a>
  );
}
