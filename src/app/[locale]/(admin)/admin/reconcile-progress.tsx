import { useTranslations } from "next-intl";

/** How far an unfinished reconciliation has got; `of`: how many users the last one checked. */
export function ReconcileProgress({
  checked,
  of,
  wasCutOff,
}: {
  checked: number;
  of: number;
  wasCutOff: boolean;
}) {
  const t = useTranslations("admin.overview");
  if (wasCutOff) return <p className="mb-4 text-sm">{t("reconcileCutOff", { count: checked })}</p>;
  return (
    <p role="status" className="mb-4 text-sm">
      {of < checked || of === 0
        ? t("reconciling", { count: checked })
        : t("reconcilingOf", { count: checked, of })}
    </p>
  );
}
