import { getTranslations } from "next-intl/server";
import { readOutstanding } from "@/admin/overview";
import { Credits } from "@/components/credits";
import { Card, CardHeader } from "@/components/ui/card";
import { Stat, StatList } from "@/components/ui/stat";
import { db } from "@/db";

/** What all users hold at this moment. */
export async function OutstandingCard({ at }: { at: Date }) {
  const t = await getTranslations("admin.overview");
  const { available, held, debt } = await readOutstanding(db, at);
  return (
    <Card>
      <CardHeader title={t("outstanding")} description={t("outstandingHint")} />
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
