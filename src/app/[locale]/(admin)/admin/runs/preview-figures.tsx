"use client";

import { useTranslations } from "next-intl";
import { Stat, StatList } from "@/components/ui/stat";
import { useCreditsText } from "@/components/use-credits-text";
import type { PreviewedUser, previewDistribution } from "@/ledger/distribution/preview";
import { PreviewSample } from "./preview-sample";

/** What a run started now would do. */
export function PreviewFigures({
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
