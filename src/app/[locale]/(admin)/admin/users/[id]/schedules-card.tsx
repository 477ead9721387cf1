import { useTranslations } from "next-intl";
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
import type { listSchedules } from "@/credits/queries";

type Schedule = Awaited<ReturnType<typeof listSchedules>>[number];

/** The person's promises of monthly credits. */
export function SchedulesCard({ schedules }: { schedules: readonly Schedule[] }) {
  const t = useTranslations("admin.user");
  return (
    <Card>
      <CardHeader title={t("schedules")} description={t("schedulesHint")} />
      {schedules.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noSchedules")}</p>
      ) : (
        <Table label={t("schedules")}>
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
              <ScheduleRow key={schedule.id} schedule={schedule} />
            ))}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}

function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const t = useTranslations("admin.user");
  return (
    <TableRow>
      <TableCell className="min-w-40 break-all font-mono text-xs">{schedule.id}</TableCell>
      <TableCell>
        <ScheduleState schedule={schedule} />
        {schedule.lastError && (
          <p className="mt-1 text-destructive text-xs">{schedule.lastError}</p>
        )}
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

function ScheduleState({ schedule }: { schedule: Schedule }) {
  const t = useTranslations("admin.user.scheduleStates");
  if (schedule.endedAt) return <Badge>{t("ended")}</Badge>;
  if (schedule.suspendedAt) return <Badge tone="warning">{t("suspended")}</Badge>;
  if (schedule.failedAt) return <Badge tone="destructive">{t("failed")}</Badge>;
  if (schedule.nextDueAt === null) return <Badge>{t("ended")}</Badge>;
  return <Badge tone="success">{t("running")}</Badge>;
}
