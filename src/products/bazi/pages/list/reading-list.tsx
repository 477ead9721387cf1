import { useTranslations } from "next-intl";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import type { Reading } from "../../readings";

export function ReadingList({ readings }: { readings: readonly Reading[] }) {
  const t = useTranslations("bazi");
  return (
    <Table label={t("list.readingsTitle")}>
      <TableHead>
        <tr>
          <TableHeader>{t("list.columnName")}</TableHeader>
          <TableHeader className="hidden sm:table-cell">{t("list.columnDayMaster")}</TableHeader>
          <TableHeader className="max-sm:text-end">{t("list.columnPillars")}</TableHeader>
          <TableHeader numeric className="hidden sm:table-cell">
            {t("list.columnCreated")}
          </TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {readings.map((reading) => (
          <ReadingRow key={reading.id} reading={reading} />
        ))}
      </TableBody>
    </Table>
  );
}

function ReadingRow({ reading: { id, name, chart, createdAt } }: { reading: Reading }) {
  const t = useTranslations("bazi");
  const { year, month, day, hour } = chart.pillars;
  const signs = [year, month, day, hour].flatMap((pillar) =>
    pillar === null ? [] : [t(`stems.${pillar.stem}.sign`) + t(`branches.${pillar.branch}.sign`)],
  );
  return (
    <TableRow>
      <TableCell>
        <Link
          href={`/bazi/${id}`}
          aria-label={t("list.open", { name })}
          className="wrap-anywhere font-medium underline decoration-border underline-offset-4 hover:decoration-current"
        >
          {name}
        </Link>
        <span className="block text-muted-foreground text-xs sm:hidden">
          <DateTime instant={createdAt} kind="date" />
        </span>
      </TableCell>
      <TableCell className="hidden whitespace-nowrap sm:table-cell">
        <span lang="zh-CN" className="font-seal">
          {t(`stems.${day.stem}.sign`)}
        </span>{" "}
        <span className="text-muted-foreground">{t(`stems.${day.stem}.nature`)}</span>
      </TableCell>
      <TableCell className="whitespace-nowrap font-seal max-sm:text-end" lang="zh-CN">
        {signs.join(" ")}
      </TableCell>
      <TableCell numeric className="hidden text-muted-foreground sm:table-cell">
        <DateTime instant={createdAt} kind="date" />
      </TableCell>
    </TableRow>
  );
}
