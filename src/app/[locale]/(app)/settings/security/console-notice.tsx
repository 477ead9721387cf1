"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { use } from "react";
import { ProofContext } from "@/components/proof-context";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { LinkButton } from "@/components/ui/link-button";

/** Shows what an admin must set up or confirm before the console opens, with a link back to it. */
export function ConsoleNotice({
  barrier,
  next,
}: {
  barrier: "enrol" | "confirm" | null;
  /** The page of the console to open, without its language. */
  next: string;
}) {
  const t = useTranslations("security.console");
  const router = useRouter();
  const askForProof = use(ProofContext);
  async function confirm(): Promise<void> {
    if (await askForProof?.()) router.refresh();
  }
  if (barrier === "enrol") return <Alert tone="warning">{t("enrol")}</Alert>;
  return (
    <Alert
      tone={barrier === null ? "success" : "warning"}
      action={
        barrier === null ? (
          <LinkButton href={next} size="sm">
            {t("continue")}
          </LinkButton>
        ) : (
          <Button size="sm" onClick={() => void confirm()}>
            {t("confirmButton")}
          </Button>
        )
      }
    >
      {t(barrier ?? "ready")}
    </Alert>
  );
}
