import { useTranslations } from "next-intl";
import type { ListedEvent } from "@/admin/events/events";
import { EventStatusBadge } from "@/components/admin/status-badges";
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

export function EventsTable({ events }: { events: readonly ListedEvent[] }) {
  const t = useTranslations("admin.events");
  return (
    <Table cards label={t("title")}>
      <TableHead>
        <tr>
          <TableHeader>{t("receivedAt")}</TableHeader>
          <TableHeader>{t("event")}</TableHeader>
          <TableHeader>{t("status")}</TableHeader>
          <TableHeader>{t("outcome")}</TableHeader>
          <TableHeader numeric>{t("attempts")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {events.map((event) => (
          <TableRow key={event.id} className="hover:bg-muted/60">
            <TableCell>
              <DateTime instant={event.receivedAt} />
            </TableCell>
            <TableCell>
              <Link
                href={`/admin/events/${encodeURIComponent(event.id)}`}
                className="font-medium underline decoration-border underline-offset-4 hover:decoration-current"
              >
                {event.type}
              </Link>
              <p className="break-all font-mono text-muted-foreground text-xs">
                {event.objectId ?? event.id}
              </p>
            </TableCell>
            <TableCell>
              <EventStatusBadge status={event.status} />
            </TableCell>
            <TableCell className="min-w-48 max-w-72">{event.outcome ?? event.lastError}</TableCell>
            <TableCell numeric>{event.attempts}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
