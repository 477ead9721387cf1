import { useTranslations } from "next-intl";
import type { Chart } from "../../chart/chart";
import type { Element } from "../../chart/elements";

/** In the order of production. Class names are written in full for Tailwind. */
const BARS: readonly { element: Element; bar: string; sign: string }[] = [
  { element: "wood", bar: "bg-wood", sign: "木" },
  { element: "fire", bar: "bg-fire", sign: "火" },
  { element: "earth", bar: "bg-earth", sign: "土" },
  { element: "metal", bar: "bg-metal", sign: "金" },
  { element: "water", bar: "bg-water", sign: "水" },
];

/**
 * One bar per element with its name, sign and share, so that it can be read without colour. A tick
 * marks the even share of 20%.
 */
export function ElementBalance({ balance }: { balance: Chart["balance"] }) {
  const t = useTranslations("bazi");
  const longest = Math.max(...BARS.map(({ element }) => balance.percent[element]), 20);
  const widthOf = (percent: number) => `${(percent / longest) * 100}%`;
  return (
    <dl className="grid gap-3 text-sm">
      {BARS.map(({ element, bar, sign }) => (
        <div
          key={element}
          className="grid grid-cols-[4.5rem_minmax(0,1fr)_6.5rem] items-center gap-2 sm:gap-3"
        >
          <dt className="flex items-baseline gap-2">
            <span aria-hidden="true" lang="zh-CN" className="font-seal text-base">
              {sign}
            </span>
            <span className={t(`elements.${element}`) === sign ? "sr-only" : undefined}>
              {t(`elements.${element}`)}
            </span>
          </dt>
          <dd aria-hidden="true" className="relative h-3.5 rounded-xs bg-muted">
            <span
              className={`absolute inset-y-0 start-0 rounded-xs ${bar}`}
              style={{ width: widthOf(balance.percent[element]) }}
            />
            <span
              className="absolute -inset-y-1 w-px bg-foreground/40"
              style={{ insetInlineStart: widthOf(20) }}
            />
          </dd>
          <dd className="text-end tabular-nums">
            {balance.percent[element]}%{" "}
            <span className="ms-1 text-muted-foreground text-xs">
              {t("reading.points", { points: balance.points[element] })}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
