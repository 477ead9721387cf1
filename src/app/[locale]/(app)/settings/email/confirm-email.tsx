"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { toast } from "@/components/toast";
import { Button } from "@/components/ui/button";
import { useServerAction } from "@/components/use-server-action";
import { localePath } from "@/lib/locales";
import { confirmMyEmail } from "../actions";

export function ConfirmEmail({ link }: { link: { to: string; token: string } }) {
  const t = useTranslations("settings.email");
  const locale = useLocale();
  const router = useRouter();
  const { isPending, submit } = useServerAction();
  const confirm = () =>
    submit(
      (renderedFor) => confirmMyEmail(renderedFor, link),
      () => {
        toast.success(t("confirmed"));
        router.replace(localePath(locale, "/settings"));
      },
    );
  return (
    <Button variant="primary" pending={isPending} onClick={confirm}>
      {t("confirm")}
    </Button>
  );
}
