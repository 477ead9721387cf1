import { useTranslations } from "next-intl";
import { PRIVACY_RECORDS, type PrivacyRecord } from "@/accounts/personal-data";
import { legalFigures } from "@/app/[locale]/(marketing)/legal-figures";
import { catalog } from "@/catalog/catalog";

const NAMES = (Object.keys(PRIVACY_RECORDS) as PrivacyRecord[]).filter(
  (name) => name !== "withdrawals" || catalog.consumerRights !== null,
);

/** What is stored of each kind of data: why, on which legal basis, how long, and what a deletion does. */
export function PrivacyRecords() {
  return NAMES.map((name) => <Entry key={name} name={name} />);
}

function Entry({ name }: { name: PrivacyRecord }) {
  const t = useTranslations("legal");
  const words = useTranslations("product");
  const figures = { ...legalFigures, stored: words("privacy.stored") };
  const facts = {
    what: t(`privacy.records.${name}.what`, figures),
    purpose: t(`privacy.records.${name}.purpose`),
    basis: PRIVACY_RECORDS[name]
      .map((basis) => t(`privacy.bases.${basis}`))
      .join(t("terms.separator")),
    period: t(`privacy.records.${name}.period`, figures),
    deletion: t(`privacy.records.${name}.deletion`),
  } as const;
  return (
    <>
      <h3 className="mt-8 mb-2 font-semibold">{t(`privacy.records.${name}.title`)}</h3>
      <dl className="grid gap-x-6 gap-y-1 sm:grid-cols-[9rem_1fr]">
        {(["what", "purpose", "basis", "period", "deletion"] as const).map((label) => (
          <div key={label} className="contents">
            <dt className="text-muted-foreground">{t(`privacy.labels.${label}`)}</dt>
            <dd className="mb-2 ms-0 sm:mb-0">{facts[label]}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
