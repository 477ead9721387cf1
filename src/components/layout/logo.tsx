import { useTranslations } from "next-intl";

export function Logo() {
  const t = useTranslations("common");
  return (
    <span className="inline-flex items-center gap-2.5">
      <Seal />
      <span className="font-semibold text-lg tracking-tight">{t("brand")}</span>
    </span>
  );
}

/** A Q in a cinnabar seal. */
function Seal() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className="size-7">
      <path
        className="fill-primary"
        d="M5.2 1.6c6.9-.5 14.6-.4 21.3.1 2.2.1 3.7 1.7 3.8 3.8.5 6.9.4 14.2 0 21-.1 2.2-1.7 3.7-3.8 3.8-7 .4-14.3.4-21.1 0-2.2-.1-3.6-1.6-3.8-3.7-.4-7-.4-14.3.1-21.2.2-2.1 1.5-3.6 3.5-3.8Z"
      />
      <g fill="none" className="stroke-primary-foreground" strokeWidth="2.6" strokeLinecap="round">
        <path d="M21.6 20.3A8 8 0 1 0 16 22.8" />
        <path d="M14.2 16.9c3.3-1.7 4.6 1.2 6.1 3.6 1.2 2 2.9 3.3 5 2.5" />
      </g>
    </svg>
  );
}
