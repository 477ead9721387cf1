import { useTranslations } from "next-intl";

/** How often each element stands among the eight characters of the specimen. */
export const SPECIMEN_ELEMENTS = [
  { element: "wood", count: 1, bar: "bg-wood" },
  { element: "fire", count: 1, bar: "bg-fire" },
  { element: "earth", count: 1, bar: "bg-earth" },
  { element: "metal", count: 2, bar: "bg-metal" },
  { element: "water", count: 3, bar: "bg-water" },
] as const;

/** One block a character, each row named and counted, so that it reads without colour too. */
export function ElementBars() {
  const t = useTranslations("marketing.chart");
  return (
    <div className="mt-4 border-t pt-4">
      <p className="text-muted-foreground text-xs">{t("balance")}</p>
      <dl className="mt-2.5 grid grid-cols-5 gap-2 text-xs">
        {SPECIMEN_ELEMENTS.map(({ element, count, bar }) => (
          <div key={element} className="grid content-end gap-1.5 text-center">
            <div aria-hidden="true" className="grid h-9 content-end gap-0.5">
              {Array.from({ length: count }, (_, block) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: blocks are all alike and never move
                <span key={block} className={`h-2.5 rounded-xs ${bar}`} />
              ))}
            </div>
            <dt>{t(`elements.${element}`)}</dt>
            <dd className="-mt-1 text-muted-foreground tabular-nums">{count}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
