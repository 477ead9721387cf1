import { createTranslator } from "next-intl";
import { findPaymentsById } from "@/billing/queries";
import { isPackItem, itemName, planName } from "@/catalog/items";
import type { Executor } from "@/db/client";
import { loadMessages } from "@/i18n/load-messages";
import { readAllotmentMonths } from "@/ledger/reads/balance";
import type { LedgerEntry } from "@/ledger/reads/search";
import { formatInstant } from "@/lib/formats";
import type { Locale } from "@/lib/locales";
import { findChargedSource } from "@/product/charged-source";
import { product } from "@/product/current";

/** What a ledger entry was, and where to see it. */
export interface EntryName {
  readonly text: string;
  readonly href: string | null;
}

/**
 * Names ledger entries by their number: what was charged, with the name the product gives it, the pack that was
 * bought, the plan whose credits were granted. Entries that their type describes are left out.
 */
export async function readEntryNames(
  reader: Executor,
  {
    userId,
    rows,
    locale,
    timeZone,
  }: { userId: string; rows: readonly LedgerEntry[]; locale: Locale; timeZone: string },
): Promise<ReadonlyMap<number, EntryName>> {
  const sources = [...new Set(rows.map(({ source }) => source))];
  const lotOf = (row: LedgerEntry) => row.lotSeq ?? row.seq;
  const [payments, described, allotments, messages] = await Promise.all([
    findPaymentsById(reader, { userId, ids: sources }),
    product.describeSources?.(reader, { userId, sources, locale }),
    readAllotmentMonths(reader, { userId, lotSeqs: rows.map(lotOf) }),
    loadMessages(locale),
  ]);
  const t = createTranslator({ locale, messages, namespace: "credits" });
  const monthName = (at: Date) => formatInstant(at, { locale, timeZone, style: "month" });
  const nameOf = (row: LedgerEntry): EntryName | null => {
    const monthAt = allotments.get(lotOf(row));
    const paid = payments.find(({ id }) => id === row.source);
    if (paid !== undefined) {
      const item = itemName(paid.item, locale);
      const isUpgrade = paid.upgradeCredits > 0 && row.amount === paid.upgradeCredits;
      const month = monthName(monthAt ?? paid.memberFromAt ?? paid.paidAt);
      const granted = isPackItem(paid.item)
        ? item
        : t("ledger.planMonth", { plan: planName(paid.item, locale), month });
      const href = `/billing#${encodeURIComponent(paid.id)}` as const;
      if (row.type === "EXPIRE") return { text: t("ledger.expired", { kind: granted }), href };
      if (row.amount < 0 || row.type === "RESTORE") {
        return { text: t("ledger.of", { kind: t(`types.${row.type}.label`), item }), href };
      }
      return { text: isUpgrade ? t("ledger.planUpgrade", { item }) : granted, href };
    }
    if (monthAt !== undefined && (row.lotType ?? row.type) === "MONTHLY_REFRESH") {
      const text = t("ledger.freeMonth", { month: monthName(monthAt) });
      return {
        text: row.type === "EXPIRE" ? t("ledger.expired", { kind: text }) : text,
        href: null,
      };
    }
    const charged = findChargedSource(row.source, locale);
    if (charged === null) return null;
    const what = described?.get(row.source);
    const name =
      what === undefined ? charged.name : t("ledger.of", { kind: charged.name, item: what });
    const isReturn = row.type !== "USAGE";
    const text = isReturn
      ? t("ledger.of", { kind: t(`types.${row.type}.label`), item: name })
      : name;
    return { text, href: what === undefined && described !== undefined ? null : charged.href };
  };
  return new Map(
    rows.flatMap((row) => {
      const name = nameOf(row);
      return name === null ? [] : [[row.seq, name] as const];
    }),
  );
}
