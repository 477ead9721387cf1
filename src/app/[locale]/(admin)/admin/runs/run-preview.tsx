"use client";

import { useTranslations } from "next-intl";
import { UserLink } from "@/components/admin/user-link";
import { DateTime } from "@/components/date-time";
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

/** A user of the run. An unknown email is null. */
type SampledUser = PreviewedUser & { readonly email: string | null };

/** The totals and a sample of a run started now. */
export function RunPreview({
  preview,
}: {
  preview: Awaited<ReturnType<typeof previewDistribution>> & { sample: readonly SampledUser[] };
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
function PreviewSample({ sample }: { sample: readonly SampledUser[] }) {
  const t = useTranslations("admin.runs");
  const creditsText = useCreditsText();
  if (sample.length === 0) return null;
  return (
    <div className="grid gap-2">
      <p className="text-muted-foreground text-sm">{t("sample", { count: sample.length })}</p>
      <Table cards label={t("sample", { count: sample.length })}>
        <TableHead>
          <tr>
            <TableHeader>{t("sampleUser")}</TableHeader>
            <TableHeader numeric>{t("sampleDue")}</TableHeader>
            <TableHeader numeric>{t("sampleAllotments")}</TableHeader>
            <TableHeader numeric>{t("wouldGrant")}</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {sample.map(({ userId, email, dueAt, allotmentCount, creditsToGrant }) => (
            <TableRow key={userId}>
              <TableCell className="min-w-48">
                <UserLink
                  userId={userId}
                  emails={new Map(email === null ? [] : [[userId, email]])}
                />
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
