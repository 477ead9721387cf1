import { useTranslations } from "next-intl";
import { AUDIT_ACTIONS, type AuditEntry } from "@/admin/audit";
import { Json } from "@/components/admin/facts";
import { UserLink } from "@/components/admin/user-link";
import { DateTime } from "@/components/date-time";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { OPERATOR_ACTOR } from "@/db/schema";

export function AuditTable({
  entries,
  emails,
}: {
  entries: readonly AuditEntry[];
  emails: ReadonlyMap<string, string>;
}) {
  const t = useTranslations("admin.audit");
  return (
    <Table cards label={t("title")}>
      <TableHead>
        <tr>
          <TableHeader>{t("at")}</TableHeader>
          <TableHeader>{t("action")}</TableHeader>
          <TableHeader>{t("actor")}</TableHeader>
          <TableHeader>{t("target")}</TableHeader>
          <TableHeader>{t("reason")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {entries.map((entry) => (
          <AuditRow key={entry.id} entry={entry} emails={emails} />
        ))}
      </TableBody>
    </Table>
  );
}

function AuditRow({ entry, emails }: { entry: AuditEntry; emails: ReadonlyMap<string, string> }) {
  const t = useTranslations("admin.audit");
  const action = AUDIT_ACTIONS.find((known) => known === entry.action);
  return (
    <TableRow>
      <TableCell>
        <DateTime instant={entry.createdAt} />
      </TableCell>
      <TableCell className="min-w-40">
        <details>
          <summary className="cursor-pointer">
            {action === undefined ? entry.action : t(`actions.${action}`)}
          </summary>
          <div className="mt-2 grid gap-2">
            <Json value={{ id: entry.id, before: entry.before, after: entry.after }} />
          </div>
        </details>
      </TableCell>
      <TableCell className="min-w-40">
        {entry.actorId === OPERATOR_ACTOR ? (
          t("operator")
        ) : (
          <UserLink userId={entry.actorId} emails={emails} />
        )}
      </TableCell>
      <TableCell className="min-w-40">
        {entry.targetUserId && <UserLink userId={entry.targetUserId} emails={emails} />}
      </TableCell>
      <TableCell className="min-w-40 max-w-72">{entry.reason}</TableCell>
    </TableRow>
  );
}
