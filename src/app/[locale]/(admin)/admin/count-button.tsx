"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { countOutstanding } from "./actions";

/** Counts the outstanding credits anew. */
export function CountButton() {
  const t = useTranslations("admin.overview");
  const { isPending, submit } = useServerAction();
  return (
    <Button size="sm" pending={isPending} onClick={() => submit(() => countOutstanding())}>
      {t("countNow")}
    </Button>
  );
}
