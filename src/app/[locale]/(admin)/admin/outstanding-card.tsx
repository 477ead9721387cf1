import { getTranslations } from "next-intl/server";
import type { OverviewReads } from "@/admin/reports/overview";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Card, CardHeader } from "@/components/ui/card";
import { Stat, StatList } from "@/components/ui/stat";
import { CountButton } from "./count-button";

/** What all users hold: at this moment, or on a large site as last counted. */
export async function OutstandingCard({
  read,
  at,
}: {
  read: OverviewReads["outstanding"];
  at: Date;
}) {
  const t = await getTranslations("admin.overview");
  const { available, held, debt, countedAt } = await read();
  const isCounted = countedAt < at;
  return (
    <Card>
      <CardHeader
        title={t("outstanding")}
        description={t.rich("outstandingHint", { instant: () => <DateTime instant={countedAt} /> })}
        aside={isCounted && <CountButton />}
      />
      <StatList>
        <Stat label={t("available")}>
          <Credits amount={available} />
        </Stat>
        <Stat label={t("held")}>
          <Credits amount={held} />
        </Stat>
        <Stat label={t("debt")}>
          <Credits amount={debt} />
        </Stat>
      </StatList>
    </Card>
  );
}
