import { useTranslations } from "next-intl";
import { PackTable } from "@/app/purchase/pack-table";
import { PACKS } from "@/catalog/catalog";

export function Packs() {
  const t = useTranslations("pricing.packs");
  return (
    <section aria-labelledby="packs" className="pt-16 sm:pt-20">
      <h2 id="packs" className="scroll-mt-20 font-heading text-2xl">
        {t("title")}
      </h2>
      <p className="mt-2 mb-6 max-w-[40em] text-muted-foreground">
        {t("text", { days: PACKS.basic.expireDays ?? 0 })}
      </p>
      <div className="rounded-lg border bg-card px-5 py-4 shadow-sheet sm:px-6">
        <PackTable />
      </div>
    </section>
  );
}
