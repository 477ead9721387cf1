import { getTranslations } from "next-intl/server";
import type { OverviewReads } from "@/admin/reports/overview";
import { addressOf } from "@/components/admin/address";
import { useCountText } from "@/components/admin/use-count-text";
import { Link } from "@/components/link";
import { Card, CardHeader } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { Stat, StatList } from "@/components/ui/stat";

const PLACES = {
  deadEvents: addressOf("/admin/events", { status: "dead" }),
  pendingEvents: addressOf("/admin/events", { status: "pending" }),
  deadOutbox: addressOf("/admin/outbox", { status: "dead" }),
  pendingEmails: addressOf("/admin/outbox", { kind: "email", status: "pending" }),
  pendingCalls: addressOf("/admin/outbox", { kind: "stripe", status: "pending" }),
} as const;
const NAMES = [
  "deadEvents",
  "deadOutbox",
  "pendingEvents",
  "pendingEmails",
  "pendingCalls",
] as const;

/** What waits, and what was given up and waits for an admin. */
export async function QueuesCard({ read }: { read: OverviewReads["queues"] }) {
  const t = await getTranslations("admin.overview");
  const queues = await read();
  return (
    <Card>
      <CardHeader title={t("queues")} description={t("queuesHint")} />
      <StatList columns="lg:grid-cols-5">
        {NAMES.map((name) => (
          <Stat key={name} label={t(name)}>
            <Link
              href={PLACES[name]}
              className={cn(
                "underline decoration-border underline-offset-4 hover:decoration-current",
                name.startsWith("dead") && queues[name] > 0 && "text-destructive",
              )}
            >
              <CountText count={queues[name]} />
            </Link>
          </Stat>
        ))}
      </StatList>
    </Card>
  );
}

/** In a component of its own: the card waits for its figures, where no hook may be called. */
function CountText({ count }: { count: number }) {
  return useCountText()(count);
}
