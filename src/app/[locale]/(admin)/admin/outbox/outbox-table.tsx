import { randomUUID } from "node:crypto";
import { useTranslations } from "next-intl";
import type { ListedOutbox } from "@/admin/outbox";
import { ActionButton } from "@/components/admin/action-button";
import { Identifier } from "@/components/admin/facts";
import { ReasonDialog } from "@/components/admin/reason-dialog";
import { OutboxStatusBadge } from "@/components/admin/status-badges";
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
import { closeOutbox, resendOutbox } from "./actions";

export function OutboxTable({
  rows,
  emails,
}: {
  rows: readonly ListedOutbox[];
  emails: ReadonlyMap<string, string>;
}) {
  const t = useTranslations("admin.outbox");
  return (
    <Table cards label={t("title")}>
      <TableHead>
        <tr>
          <TableHeader>{t("createdAt")}</TableHeader>
          <TableHeader>{t("what")}</TableHeader>
          <TableHeader>{t("user")}</TableHeader>
          <TableHeader>{t("status")}</TableHeader>
          <TableHeader numeric>{t("attempts")}</TableHeader>
          <TableHeader>
            <span className="sr-only">{t("actions")}</span>
          </TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <OutboxRow key={row.id} row={row} emails={emails} />
        ))}
      </TableBody>
    </Table>
  );
}

function OutboxRow({ row, emails }: { row: ListedOutbox; emails: ReadonlyMap<string, string> }) {
  const t = useTranslations("admin.outbox");
  const close = useTranslations("admin.close");
  return (
    <TableRow>
      <TableCell>
        <DateTime instant={row.createdAt} />
      </TableCell>
      <TableCell className="min-w-48">
        {t(`kinds.${row.kind}`)}
        {row.what && ` · ${row.what}`}
        <p className="text-muted-foreground">
          <Identifier>{row.idempotencyKey}</Identifier>
        </p>
      </TableCell>
      <TableCell className="min-w-48">
        {row.userId && <UserLink userId={row.userId} emails={emails} />}
      </TableCell>
      <TableCell className="min-w-40 max-w-72">
        <OutboxStatusBadge status={row.status} />
        {row.status === "pending" && (
          <p className="text-muted-foreground text-xs">
            {t("nextAttempt")} <DateTime instant={row.nextAttemptAt} />
          </p>
        )}
        {row.lastError && <p className="mt-1 text-destructive text-xs">{row.lastError}</p>}
        {(row.endpoint === "off" || row.endpoint === "deleted") && (
          <p className="mt-1 text-muted-foreground text-xs">{t(`endpoint.${row.endpoint}`)}</p>
        )}
      </TableCell>
      <TableCell numeric>{row.attempts}</TableCell>
      <TableCell className="text-end">
        {(row.canResend || row.status === "dead") && (
          <div className="flex justify-end gap-2">
            {row.canResend && (
              <ActionButton
                size="sm"
                action={resendOutbox}
                input={{ id: randomUUID(), outboxId: row.id }}
                success={t("queued")}
              >
                {t(row.status === "done" ? "sendAgain" : "resend")}
              </ActionButton>
            )}
            {row.status === "dead" && (
              <ReasonDialog
                label={close("act")}
                size="sm"
                title={close("outboxQuestion")}
                description={close("outboxExplanation")}
                destructive
                action={closeOutbox}
                input={{ id: randomUUID(), outboxId: row.id }}
              />
            )}
          </div>
        )}
      </TableCell>
    </TableRow>
  );
}
