import { useTranslations } from "next-intl";
import { AUDIT_ACTIONS, type AuditEntry } from "@/admin/audit";
import { Identifier } from "@/components/admin/identifier";
import { Json } from "@/components/admin/json";
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

export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const t = useTranslations("admin.audit");
  return (
    <Table label={t("title")}>
      <TableHead>
        <tr>
          <TableHeader numeric>{t("at")}</TableHeader>
          <TableHeader>{t("action")}</TableHeader>
          <TableHeader>{t("actor")}</TableHeader>
          <TableHeader>{t("target")}</TableHeader>
          <TableHeader>{t("reason")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {entries.map((entry) => (
          <AuditRow key={entry.id} entry={entry} />
        ))}
      </TableBody>
    </Table>
  );
}

function AuditRow({ entry }: { entry: AuditEntry }) {
  const t = useTranslations("admin.audit");
  const action = AUDIT_ACTIONS.find((known) => known === entry.action);
  return (
    <TableRow>
      <TableCell numeric>
        <DateTime instant={entry.createdAt} />
      </TableCell>
      <TableCell>
        <details>
          <summary className="cursor-pointer">
            {action === undefined ? entry.action : t(`actions.${action}`)}
          </summary>
          <div className="mt-2 grid gap-2">
            <Json value={{ id: entry.id, before: entry.before, after: entry.after }} />
          </div>
        </details>
      </TableCell>
      <TableCell>
        <UserLink userId={entry.actorId} />
      </TableCell>
      <TableCell>{entry.targetUserId && <UserLink userId={entry.targetUserId} />}</TableCell>
      <TableCell className="max-w-72">{entry.reason}</TableCell>
    </TableRow>
  );
}

function UserLink({ userId }: { userId: string }) {
  return (
    <Link
      href={`/admin/users/${encodeURIComponent(userId)}`}
      className="underline decoration-border underline-offset-4 hover:decoration-current"
    >
      <Identifier>{userId}</Identifier>
    </Link>
  );
}
