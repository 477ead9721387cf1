import { getTranslations } from "next-intl/server";
import { type Period, readFlows } from "@/admin/overview";
import { Credits } from "@/components/credits";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { Stat, StatList } from "@/components/ui/stat";
import { db } from "@/db";

const FLOWS = ["granted", "spent", "expired", "takenBack"] as const;

/** How credits came and went in a period. */
export async function FlowsCard({ period }: { period: Period }) {
  const t = await getTranslations("admin.overview");
  const flows = await readFlows(db, period);
  const reports = (
    <LinkButton href="/admin/reports" size="sm">
      {t("toReports")}
    </LinkButton>
  );
  return (
    <Card>
      <CardHeader title={t("flows")} description={t("flowsHint")} aside={reports} />
      <StatList>
        {FLOWS.map((flow) => (
          <Stat key={flow} label={t(flow)}>
            <Credits amount={flows[flow]} />
          </Stat>
        ))}
      </StatList>
    </Card>
  );
}
