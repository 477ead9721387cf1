import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Alert } from "@/components/ui/alert";
import { LinkButton } from "@/components/ui/link-button";
import { SubmitButton } from "@/components/ui/submit-button";
import { db } from "@/db";
import { env } from "@/env";
import { readSubscription } from "@/notifications/unsubscribe";
import { AuthCard } from "../auth-card";
import { changeSubscription } from "./actions";

interface Props {
  searchParams: Promise<{ token?: string | string[] }>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("notifications.unsubscribe");
  return { title: t("title"), robots: { index: false }, referrer: "no-referrer" };
}

/**
 * The target of the unsubscribe link in optional emails. One click turns them off or on, without
 * sign-in or JavaScript. Opening the page changes nothing, because mail scanners open links too.
 */
export default async function UnsubscribePage({ searchParams }: Props) {
  const { token } = await searchParams;
  const t = await getTranslations("notifications.unsubscribe");
  const subscription =
    typeof token === "string"
      ? await readSubscription(db, { token, secret: env.BETTER_AUTH_SECRET })
      : null;
  if (subscription === null || typeof token !== "string") {
    return (
      <AuthCard title={t("title")}>
        <Alert tone="destructive">{t("invalid")}</Alert>
        <LinkButton href="/settings#notices">{t("toSettings")}</LinkButton>
      </AuthCard>
    );
  }
  const { template, isOn } = subscription;
  const about = t(`about.${template}`);
  async function toggle(): Promise<void> {
    "use server";
    await changeSubscription({ token: String(token), isOn: !isOn });
  }
  return (
    <AuthCard title={t("title")}>
      {isOn ? <p>{t("on", { about })}</p> : <Alert tone="success">{t("off", { about })}</Alert>}
      <p className="text-muted-foreground text-sm">{t("kept")}</p>
      <form action={toggle}>
        <SubmitButton variant={isOn ? "primary" : "secondary"}>
          {t(isOn ? "turnOff" : "turnOn")}
        </SubmitButton>
      </form>
    </AuthCard>
  );
}
