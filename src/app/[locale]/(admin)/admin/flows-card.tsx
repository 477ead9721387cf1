import { getTranslations } from "next-intl/server";
import type { OverviewReads } from "@/admin/reports/overview";
import { Credits } from "@/components/credits";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { Stat, StatList } from "@/components/ui/stat";
import { FLOWS } from "@/ledger/reports/flows";

/** How credits came and went in a period. */
export async function FlowsCard({ read }: { read: OverviewReads["flows"] }) {
  const t = await getTranslations("admin.overview");
  const flows = await read();
  const reports = (
    <LinkButton href="/admin/reports" size="sm">
      {t("toReports")}
    </LinkButton>
  );
  return (
    <Card>
      <CardHeader title={t("flows")} description={t("flowsHint")} aside={reports} />
      <StatList className="lg:grid-cols-3">
        {FLOWS.map((flow) => (
          <Stat key={flow} label={t(flow)}>
            <Credits amount={flows[flow]} />
          </Stat>
        ))}
      </StatList>
    </Card>
  );
}
