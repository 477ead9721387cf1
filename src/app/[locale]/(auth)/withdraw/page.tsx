import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { getCurrentUser } from "@/accounts/session";
import { catalog } from "@/catalog/catalog";
import { ClientMessages } from "@/components/layout/client-messages";
import { Link } from "@/components/link";
import { localePath } from "@/lib/locales";
import { AuthCard } from "../auth-card";
import { withNext } from "../destination";
import { StatementForm } from "./statement-form";

interface Props {
  searchParams: Promise<{ form?: string | string[] }>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("withdrawal");
  return { title: t("title"), robots: { index: false } };
}

/**
 * The withdrawal function for visitors. A member goes to their purchases, unless they came back to describe
 * another one (`?form=open`).
 */
export default async function WithdrawPage({ searchParams }: Props) {
  if (catalog.consumerRights === null) notFound();
  const { form } = await searchParams;
  const user = await getCurrentUser();
  if (user !== null && form !== "open") {
    redirect(localePath(await getLocale(), "/billing/withdraw"));
  }
  const t = await getTranslations("withdrawal");
  const next = localePath(await getLocale(), "/billing/withdraw");
  const signIn = (label: ReactNode) => (
    <Link
      href={withNext("/sign-in", next)}
      className="text-foreground underline underline-offset-4"
    >
      {label}
    </Link>
  );
  return (
    <AuthCard
      title={t("title")}
      description={t("description", { days: catalog.consumerRights.withdrawalDays })}
      footer={user === null && t.rich("signIn", { link: signIn })}
    >
      <ClientMessages namespaces={["common", "errors", "withdrawal"]}>
        <StatementForm formId={randomUUID()} />
      </ClientMessages>
    </AuthCard>
  );
}
