import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { isItemId } from "@/billing/catalog";
import { DateTime } from "@/components/date-time";
import { useCreditsText } from "@/components/use-credits-text";
import { formatMoney } from "@/lib/format-money";
import type { NoticeContent } from "@/notifications/notice";

/** The words of a notice in the reader's language and zone. */
export function useNoticeWords(notice: NoticeContent): { title: ReactNode; text: ReactNode } {
  const t = useTranslations("notifications.kinds");
  const items = useTranslations("billing.items");
  const locale = useLocale();
  const credits = useCreditsText();
  const itemName = (item: string) => items(isItemId(item) ? item : "other");
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
    case "credits-expiring":
      return {
        title: t("credits-expiring.title", { credits: credits(notice.facts.credits) }),
        text: t.rich("credits-expiring.text", dayOf(notice.facts.firstExpiresAt)),
      };
    case "low-balance":
      return {
        title: t("low-balance.title", { credits: credits(notice.facts.available) }),
        text: t("low-balance.text", { cost: credits(notice.facts.cost) }),
      };
  }
}
