import { getTranslations } from "next-intl/server";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { db } from "@/db";
import { ReadingList } from "./pages/list/reading-list";
import { listReadings } from "./readings";

const SHOWN = 3;

/** The latest readings, for the dashboard. Shows nothing before the first one. */
export async function RecentReadings({ userId }: { userId: string }) {
  const { readings } = await listReadings(db, { userId, limit: SHOWN });
  if (readings.length === 0) return null;
  const t = await getTranslations("bazi.list");
  return (
    <Card>
      <CardHeader
        title={t("recent")}
        aside={
          <LinkButton href="/bazi" variant="link">
            {t("all")}
          </LinkButton>
        }
      />
      <ReadingList readings={readings} />
    </Card>
  );
}
