import { useLocale, useTranslations } from "next-intl";
import type { FoundUser } from "@/admin/users/user";
import { type Membership, shownPlan } from "@/billing/queries";
import { Facts, Identifier } from "@/components/admin/facts";
import { ItemName } from "@/components/admin/item-name";
import { UserBadges } from "@/components/admin/status-badges";
import { DateTime } from "@/components/date-time";
import { Card, CardHeader } from "@/components/ui/card";
import { timeZoneName } from "@/lib/time-zones";
import { StripeId } from "../../stripe-id";

/** The user's identity and membership. */
export function UserCard({ user, membership }: { user: FoundUser; membership: Membership }) {
  const t = useTranslations("admin.user");
  const common = useTranslations("common");
  const locale = useLocale();
  const identity = [
    { label: t("id"), value: <Identifier>{user.id}</Identifier> },
    {
      label: t("customer"),
      value: user.stripeCustomerId ? <StripeId id={user.stripeCustomerId} /> : common("none"),
    },
    { label: t("joined"), value: <DateTime instant={user.createdAt} /> },
    { label: t("verified"), value: user.emailVerified ? t("yes") : t("no") },
    {
      label: t("language"),
      value: `${user.locale === "zh-CN" ? common("languageNames.zh-CN") : common("languageNames.en")}, ${timeZoneName(user.timeZone, locale)}`,
    },
    ...(user.banned ? [{ label: t("banReason"), value: user.banReason ?? common("none") }] : []),
    ...(user.deletedAt
      ? [{ label: t("deletedAt"), value: <DateTime instant={user.deletedAt} /> }]
      : []),
  ];
  return (
    <Card>
      <CardHeader
        title={t("who")}
        aside={<UserBadges user={{ ...user, frozen: user.frozenAt !== null }} />}
      />
      <div className="grid gap-x-10 gap-y-4 md:grid-cols-2">
        <Facts facts={identity} />
        <Facts
          facts={[
            { label: t("plan"), value: <ItemName item={shownPlan(membership)} /> },
            ...dated(t("since"), membership.since),
            ...dated(t("until"), membership.until),
            ...dated(t("renewsAt"), membership.renewsAt),
            ...dated(t("cancelAt"), membership.cancelAt),
            { label: t("subscriptionStatus"), value: <Identifier>{membership.status}</Identifier> },
            ...(membership.unpaid === null
              ? []
              : [{ label: t("paid"), value: t(`unpaid.${membership.unpaid.reason}`) }]),
          ]}
        />
      </div>
    </Card>
  );
}

function dated(label: string, instant: Date | null) {
  return instant === null ? [] : [{ label, value: <DateTime instant={instant} /> }];
}
