import { useTranslations } from "next-intl";
import { PlainLink } from "@/components/plain-link";

/** The chart of 8 September 1992, 06:15, Hangzhou. A test compares it with the calculation library. */
export const SPECIMEN_PILLARS = [
  {
    pillar: "year",
    god: "directOfficer",
    stem: ["壬", "ren"],
    branch: ["申", "shen"],
    hidden: "庚壬戊",
    nayin: "sword",
  },
  {
    pillar: "month",
    god: "eatingGod",
    stem: ["己", "ji"],
    branch: ["酉", "you"],
    hidden: "辛",
    nayin: "road",
  },
  {
    pillar: "day",
    god: "self",
    stem: ["丁", "ding"],
    branch: ["亥", "hai"],
    hidden: "壬甲",
    nayin: "roof",
  },
  {
    pillar: "hour",
    god: "sevenKillings",
    stem: ["癸", "gui"],
    branch: ["卯", "mao"],
    hidden: "乙",
    nayin: "leaf",
  },
] as const;

/** How many of the eight characters belong to each element. */
export const SPECIMEN_ELEMENTS = [
  { element: "wood", count: 1, bar: "bg-wood" },
  { element: "fire", count: 1, bar: "bg-fire" },
  { element: "earth", count: 1, bar: "bg-earth" },
  { element: "metal", count: 2, bar: "bg-metal" },
  { element: "water", count: 3, bar: "bg-water" },
] as const;

const label = "pe-3 text-start align-middle font-normal text-muted-foreground text-xs sm:pe-5";
const cell = "px-1 text-center";

/** A sample chart in the layout of a reading. */
export function SpecimenChart() {
  const t = useTranslations("landing.chart");
  return (
    <figure className="rounded-lg border bg-card px-5 py-6 shadow-popup sm:px-8 sm:py-7">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 border-foreground/70 border-b pb-3">
        <span className="font-medium text-sm">{t("title")}</span>
        <span className="text-muted-foreground text-xs">{t("born")}</span>
      </figcaption>
      <table className="mt-3 w-full table-fixed border-collapse text-xs [&_th:first-child]:w-[17%]">
        <caption className="sr-only">{t("caption")}</caption>
        <thead>
          <tr className="h-9">
            <th scope="col" className={label}>
              <span className="sr-only">{t("row")}</span>
            </th>
            {SPECIMEN_PILLARS.map(({ pillar }) => (
              <th key={pillar} scope="col" className="px-1 font-normal text-muted-foreground">
                {t(`pillars.${pillar}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr className="h-7">
            <th scope="row" className={label}>
              {t("tenGod")}
            </th>
            {SPECIMEN_PILLARS.map(({ pillar, god }) => (
              <td key={pillar} className={cell}>
                {t(`tenGods.${god}`)}
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row" className={label}>
              {t("stem")}
            </th>
            {SPECIMEN_PILLARS.map(({ pillar, stem: [character, name] }) => (
              <td key={pillar} className={cell}>
                <Character sign={character} gloss={t(`stems.${name}`)} />
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row" className={label}>
              {t("branch")}
            </th>
            {SPECIMEN_PILLARS.map(({ pillar, branch: [character, name] }) => (
              <td key={pillar} className={cell}>
                <Character sign={character} gloss={t(`branches.${name}`)} />
              </td>
            ))}
          </tr>
          <tr className="h-9 border-t">
            <th scope="row" className={label}>
              {t("hidden")}
            </th>
            {SPECIMEN_PILLARS.map(({ pillar, hidden }) => (
              <td key={pillar} className={`${cell} font-seal text-sm`} lang="zh-CN">
                {hidden}
              </td>
            ))}
          </tr>
          <tr className="h-9 border-t">
            <th scope="row" className={label}>
              {t("nayin")}
            </th>
            {SPECIMEN_PILLARS.map(({ pillar, nayin }) => (
              <td key={pillar} className={cell}>
                {t(`nayins.${nayin}`)}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
      <ElementBars />
      <p className="mt-5 border-t pt-4 text-sm">
        <PlainLink href="/sample" className="underline underline-offset-4">
          {t("full")}
        </PlainLink>
      </p>
    </figure>
  );
}

function Character({ sign, gloss }: { sign: string; gloss: string }) {
  return (
    <span className="grid justify-items-center pb-2">
      <span lang="zh-CN" className="font-seal text-[2.6rem] leading-[1.2] sm:text-5xl">
        {sign}
      </span>
      <span className="text-[0.6875rem] text-muted-foreground">{gloss}</span>
    </span>
  );
}

/** One block per character. Names and counts make it readable without colour. */
function ElementBars() {
  const t = useTranslations("landing.chart");
  return (
    <div className="mt-4 border-t pt-4">
      <p className="text-muted-foreground text-xs">{t("balance")}</p>
      <dl className="mt-2.5 grid grid-cols-5 gap-2 text-xs">
        {SPECIMEN_ELEMENTS.map(({ element, count, bar }) => (
          <div key={element} className="grid content-end gap-1.5 text-center">
            <div aria-hidden="true" className="grid h-9 content-end gap-0.5">
              {Array.from({ length: count }, (_, block) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the blocks are identical and never reordered
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
