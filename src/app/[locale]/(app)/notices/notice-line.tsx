import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { cn } from "@/components/ui/cn";
import { useCreditsText } from "@/components/use-credits-text";
import { formatMoney } from "@/lib/formats";
import type { Notice, NoticeContent } from "@/notifications/notice";

/** The page with the details of a notice. */
const PAGES: Record<NoticeContent["kind"], string> = {
  "purchase-received": "/billing#payments",
  "payment-failed": "/billing",
  "billing-change": "/billing#payments",
  renewal: "/billing",
  "credits-expiring": "/credits",
  "low-balance": "/pricing#packs",
  "key-limit": "/settings/api-keys",
};

/** Names of catalogue items by id. The server passes them, so that the browser loads no catalogue. */
export type ItemNames = Readonly<Record<string, string>>;

export function NoticeLine({ notice, itemNames }: { notice: Notice; itemNames: ItemNames }) {
  const t = useTranslations("notifications.bell");
  const { title, text } = useNoticeText(notice, itemNames);
  const isNew = notice.readAt === null;
  return (
    <li>
      <Link
        href={PAGES[notice.kind]}
        prefetch={false}
        className="grid grid-cols-[0.5rem_1fr] gap-x-3 px-4 py-3 text-sm hover:bg-muted"
      >
        <span className={cn("mt-1.5 size-2 rounded-full", isNew && "bg-primary")}>
          {isNew && <span className="sr-only">{t("unread")}</span>}
        </span>
        <span className="grid gap-0.5">
          <span className={cn(isNew && "font-medium")}>{title}</span>
          <span className="text-muted-foreground">{text}</span>
          <DateTime instant={notice.createdAt} className="text-muted-foreground text-xs" />
        </span>
      </Link>
    </li>
  );
}

/** Title and text of a notice in the reader's language and time zone. */
function useNoticeText(
  notice: NoticeContent,
  itemNames: ItemNames,
): { title: ReactNode; text: ReactNode } {
  const t = useTranslations("notifications.kinds");
  const product = useTranslations("product");
  const locale = useLocale();
  const credits = useCreditsText();
  const itemName = (item: string) => itemNames[item] ?? item;
  const dayOf = (instant: string) => ({ day: () => <DateTime instant={instant} /> });

  switch (notice.kind) {
    case "purchase-received": {
      const { facts } = notice;
      const item = itemName(facts.item);
      const amount = formatMoney(facts.amountCents, facts.currency, locale);
      if (facts.creditsFrom !== undefined) {
        const later = { amount, credits: credits(facts.credits), ...dayOf(facts.creditsFrom) };
        return {
          title: t("purchase-received.laterTitle", { item }),
          text: t.rich("purchase-received.later", later),
        };
      }
      return {
        title: t("purchase-received.title", { credits: credits(facts.credits) }),
        text:
          facts.expiresAt === null
            ? t("purchase-received.forEver", { item, amount })
            : t.rich("purchase-received.text", { item, amount, ...dayOf(facts.expiresAt) }),
      };
    }
    case "payment-failed": {
      const { facts } = notice;
      const amount = formatMoney(facts.amountCents, facts.currency, locale);
      return {
        title: t("payment-failed.title", { item: itemName(facts.item) }),
        text:
          facts.nextAttemptAt === null
            ? t("payment-failed.last", { amount })
            : t.rich("payment-failed.text", { amount, ...dayOf(facts.nextAttemptAt) }),
      };
    }
    case "billing-change": {
      const { event, amountCents, currency } = notice.facts;
      const words = {
        item: itemName(notice.facts.item),
        amount: formatMoney(amountCents, currency, locale),
      };
      return {
        title: t(`billing-change.${event}.title`, words),
        text: t(`billing-change.${event}.text`, words),
      };
    }
    case "renewal": {
      const { facts } = notice;
      const amount = formatMoney(facts.amountCents, facts.currency, locale);
      return {
        title: t("renewal.title", { item: itemName(facts.item) }),
        text: t.rich("renewal.text", { amount, ...dayOf(facts.renewsAt) }),
      };
    }
    case "credits-expiring":
      return {
        title: t("credits-expiring.title", { credits: credits(notice.facts.credits) }),
        text: t.rich("credits-expiring.text", dayOf(notice.facts.firstExpiresAt)),
      };
    case "low-balance":
      return {
        title: t("low-balance.title", { credits: credits(notice.facts.available) }),
        text: t("low-balance.text", {
          price: product("price", { cost: credits(notice.facts.cost) }),
        }),
      };
    case "key-limit": {
      const { name, limit, resetsAt } = notice.facts;
      return {
        title: t("key-limit.title", { name }),
        text:
          resetsAt === null
            ? t("key-limit.total", { credits: credits(limit) })
            : t.rich("key-limit.text", { credits: credits(limit), ...dayOf(resetsAt) }),
      };
    }
  }
}
