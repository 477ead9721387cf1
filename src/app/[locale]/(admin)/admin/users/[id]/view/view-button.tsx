"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { ReasonDialog } from "@/components/admin/reason-dialog";
import { localePath } from "@/lib/locales";
import { startCustomerView } from "./actions";

/** Asks for a reason and opens the customer's pages. */
export function ViewButton({ userId, formId }: { userId: string; formId: string }) {
  const t = useTranslations("admin.view");
  const router = useRouter();
  const locale = useLocale();
  const path = `/admin/users/${encodeURIComponent(userId)}/view?view=${formId}`;
  return (
    <ReasonDialog
      label={t("start")}
      title={t("question")}
      description={t("explanation")}
      action={startCustomerView}
      input={{ id: formId, userId }}
      onDone={() => router.push(localePath(locale, path))}
    />
  );
}
