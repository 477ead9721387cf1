import { useTranslations } from "next-intl";
import type { Run } from "@/admin/distribution/runs";
import { RunStatusBadge } from "@/components/admin/status-badges";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";

export function RunsTable({ runs }: { runs: readonly Run[] }) {
  const t = useTranslations("admin.runs");
  return (
    <Table cards label={t("title")}>
      <TableHead>
        <tr>
          <TableHeader>{t("startedAt")}</TableHeader>
          <TableHeader>{t("status")}</TableHeader>
          <TableHeader numeric>{t("asOf")}</TableHeader>
          <TableHeader numeric>{t("users")}</TableHeader>
          <TableHeader numeric>{t("errors")}</TableHeader>
          <TableHeader numeric>{t("granted")}</TableHeader>
          <TableHeader numeric>{t("lots")}</TableHeader>
          <TableHeader numeric>{t("expired")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {runs.map((run) => (
          <TableRow key={run.id}>
            <TableCell>
              <DateTime instant={run.startedAt} />
            </TableCell>
            <TableCell>
              <RunStatusBadge status={run.status} />
              {run.lastError && <p className="mt-1 text-destructive text-xs">{run.lastError}</p>}
            </TableCell>
            <TableCell numeric>
              <DateTime instant={run.asOf} />
            </TableCell>
            <TableCell numeric>{run.usersCount}</TableCell>
            <TableCell numeric>{run.errorCount}</TableCell>
            <TableCell numeric>
              <Credits amount={run.grantedCredits} />
            </TableCell>
            <TableCell numeric>{run.expiredCount}</TableCell>
            <TableCell numeric>
              <Credits amount={run.expiredCredits} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
