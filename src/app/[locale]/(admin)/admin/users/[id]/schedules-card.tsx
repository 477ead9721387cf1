import { useTranslations } from "next-intl";
import type { Failure } from "@/admin/distribution/failures";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import type { listSchedules } from "@/ledger/reads/balance";

type Schedule = Awaited<ReturnType<typeof listSchedules>>[number];

/** The user's schedules of monthly credits and the current distribution failure. */
export function SchedulesCard({
  schedules,
  failure,
  now,
}: {
  schedules: readonly Schedule[];
  failure: Failure | null;
  now: Date;
}) {
  const t = useTranslations("admin.user");
  return (
    <Card>
      <CardHeader title={t("schedules")} description={t("schedulesHint")} />
      {failure && <p className="mb-3 text-destructive text-xs">{failure.error}</p>}
      {schedules.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noSchedules")}</p>
      ) : (
        <Table cards label={t("schedules")}>
          <TableHead>
            <tr>
              <TableHeader>{t("source")}</TableHeader>
              <TableHeader>{t("scheduleState")}</TableHeader>
              <TableHeader numeric>{t("monthly")}</TableHeader>
              <TableHeader numeric>{t("anchor")}</TableHeader>
              <TableHeader numeric>{t("period")}</TableHeader>
              <TableHeader numeric>{t("nextDue")}</TableHeader>
              <TableHeader numeric>{t("ends")}</TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {schedules.map((schedule) => (
              <ScheduleRow key={schedule.id} schedule={schedule} failure={failure} now={now} />
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}

interface Row {
  readonly schedule: Schedule;
  readonly failure: Failure | null;
  readonly now: Date;
}

function ScheduleRow({ schedule, failure, now }: Row) {
  const t = useTranslations("admin.user");
  return (
    <TableRow>
      <TableCell className="min-w-40 break-all font-mono text-xs">{schedule.id}</TableCell>
      <TableCell>
        <ScheduleState schedule={schedule} failure={failure} now={now} />
      </TableCell>
      <TableCell numeric>
        <Credits amount={schedule.credits} />
      </TableCell>
      <TableCell numeric>
        <DateTime instant={schedule.anchorAt} />
      </TableCell>
      <TableCell numeric>{schedule.nextN}</TableCell>
      <TableCell numeric>
        {schedule.nextDueAt ? <DateTime instant={schedule.nextDueAt} /> : "–"}
      </TableCell>
      <TableCell numeric>
        {schedule.endsAt ? <DateTime instant={schedule.endsAt} /> : t("never")}
      </TableCell>
    </TableRow>
  );
}

function ScheduleState({ schedule, failure, now }: Row) {
  const t = useTranslations("admin.user.scheduleStates");
  if (schedule.endedAt) return <Badge>{t("ended")}</Badge>;
  if (schedule.suspendedAt) return <Badge tone="warning">{t("suspended")}</Badge>;
  if (schedule.nextDueAt === null) return <Badge>{t("ended")}</Badge>;
  if (failure && schedule.nextDueAt <= failure.failedAt) {
    return <Badge tone="destructive">{t("failed")}</Badge>;
  }
  if (schedule.nextDueAt <= now) return <Badge tone="warning">{t("overdue")}</Badge>;
  return <Badge tone="success">{t("running")}</Badge>;
}
