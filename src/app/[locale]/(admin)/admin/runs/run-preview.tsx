"use client";

import { useTranslations } from "next-intl";
import { Identifier } from "@/components/admin/facts";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Stat, StatList } from "@/components/ui/stat";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { useCreditsText } from "@/components/use-credits-text";
import type { PreviewedUser, previewDistribution } from "@/ledger/distribution/preview";

/** The totals and a sample of a run started now. */
export function RunPreview({
  preview,
}: {
  preview: Awaited<ReturnType<typeof previewDistribution>> & { sample: readonly PreviewedUser[] };
}) {
  const t = useTranslations("admin.runs");
  const creditsText = useCreditsText();
  return (
    <div className="grid gap-4">
      <p className="text-muted-foreground text-sm">{t("dryRunHint")}</p>
      <StatList columns="lg:grid-cols-2">
        <Stat
          label={t("wouldGrant")}
          note={t("wouldGrantNote", {
            users: preview.grantedUsersCount,
            allotments: preview.allotmentCount,
          })}
        >
          {creditsText(preview.creditsToGrant)}
        </Stat>
        <Stat
          label={t("wouldExpire")}
          note={t("wouldExpireNote", {
            users: preview.expiringUsersCount,
            lots: preview.expiringLotCount,
          })}
        >
          {creditsText(preview.creditsToExpire)}
        </Stat>
      </StatList>
      <PreviewSample sample={preview.sample} />
    </div>
  );
}

/** The first users of the run with their credits. */
function PreviewSample({ sample }: { sample: readonly PreviewedUser[] }) {
  const t = useTranslations("admin.runs");
  const creditsText = useCreditsText();
  if (sample.length === 0) return null;
  return (
    <div className="grid gap-2">
      <p className="text-muted-foreground text-sm">{t("sample", { count: sample.length })}</p>
      <Table label={t("sample", { count: sample.length })}>
        <TableHead>
          <tr>
            <TableHeader>{t("sampleUser")}</TableHeader>
            <TableHeader numeric>{t("sampleDue")}</TableHeader>
            <TableHeader numeric>{t("sampleAllotments")}</TableHeader>
            <TableHeader numeric>{t("wouldGrant")}</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {sample.map(({ userId, dueAt, allotmentCount, creditsToGrant }) => (
            <TableRow key={userId}>
              <TableCell className="min-w-48">
                <Link href={`/admin/users/${encodeURIComponent(userId)}`}>
                  <Identifier className="underline underline-offset-4">{userId}</Identifier>
                </Link>
              </TableCell>
              <TableCell numeric>
                <DateTime instant={dueAt} />
              </TableCell>
              <TableCell numeric>{allotmentCount}</TableCell>
              <TableCell numeric>{creditsText(creditsToGrant)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}
