"use client";

import { useTranslations } from "next-intl";
import type { CheckedGrant, GrantResult } from "@/admin/users/bulk-grants";
import type { InvalidLine } from "@/admin/users/parse-grants";
import { UserLink } from "@/components/admin/user-link";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { Badge } from "@/components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";

/** What is wrong with which line. */
export function InvalidLines({ lines }: { lines: readonly InvalidLine[] }) {
  const t = useTranslations("admin.grants");
  if (lines.length === 0) return null;
  return (
    <Alert tone="warning" title={t("invalid", { count: lines.length })}>
      <ul className="mt-2 grid gap-1">
        {lines.map(({ line, text, problem }) => (
          <li key={line} className="wrap-anywhere">
            {t("invalidLine", { line, problem: t(`problems.${problem}`) })}{" "}
            <code className="font-mono text-xs">{text.slice(0, 120)}</code>
          </li>
        ))}
      </ul>
    </Alert>
  );
}

/** The lines of a file with their effect and, once applied, their results. */
export function GrantsTable({
  grants,
  results,
}: {
  grants: readonly CheckedGrant[];
  results: readonly GrantResult[] | null;
}) {
  const t = useTranslations("admin.grants");
  const user = useTranslations("admin.user");
  const resultOf = new Map(results?.map((result) => [result.line, result]));
  return (
    <Table cards label={t("preview")}>
      <TableHead>
        <tr>
          <TableHeader>{t("line")}</TableHeader>
          <TableHeader>{t("user")}</TableHeader>
          <TableHeader numeric>{t("credits")}</TableHeader>
          <TableHeader numeric>{t("before")}</TableHeader>
          <TableHeader numeric>{t("after")}</TableHeader>
          <TableHeader numeric>{t("expires")}</TableHeader>
          <TableHeader>{t("reason")}</TableHeader>
          <TableHeader>{t("state")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {grants.map((grant) => (
          <TableRow key={grant.line}>
            <TableCell>{grant.line}</TableCell>
            <TableCell className="min-w-40">
              <UserLink userId={grant.userId} emails={new Map([[grant.userId, grant.email]])} />
            </TableCell>
            <TableCell numeric>
              <Credits amount={grant.amount} signed />
            </TableCell>
            <TableCell numeric>
              <Credits amount={grant.availableBefore} />
            </TableCell>
            <TableCell numeric>
              <Credits amount={grant.availableAfter} />
            </TableCell>
            <TableCell numeric>
              {grant.expiresAt ? <DateTime instant={grant.expiresAt} /> : user("never")}
            </TableCell>
            <TableCell className="min-w-40 max-w-72">{grant.reason}</TableCell>
            <TableCell>
              <State grant={grant} result={resultOf.get(grant.line)} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function State({ grant, result }: { grant: CheckedGrant; result: GrantResult | undefined }) {
  const t = useTranslations("admin.grants.states");
  if (result === undefined) {
    return <Badge>{t(grant.isGranted ? "replayed" : "ready")}</Badge>;
  }
  if (result.status === "failed") {
    return (
      <Badge tone="destructive">
        {t("failed")} {result.error}
      </Badge>
    );
  }
  return (
    <Badge tone={result.status === "granted" ? "success" : "neutral"}>{t(result.status)}</Badge>
  );
}
