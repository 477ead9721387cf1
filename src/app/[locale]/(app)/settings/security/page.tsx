import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { barrierOf, requireUserPage } from "@/accounts/session";
import { listPasskeys } from "@/auth/passkeys/stored-passkeys";
import { safeReturnPath } from "@/auth/return-path";
import { hasPassword, listDevices } from "@/auth/sessions";
import { listSignInEvents } from "@/auth/sign-in-events";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { pathWithoutLocale } from "@/lib/locales";
import { ActivityCard } from "./activity-card";
import { ConsoleNotice } from "./console-notice";
import { DevicesCard } from "./devices-card";
import { PasskeysCard } from "./passkeys-card";
import { PasswordCard } from "./password-card";
import { TwoFactorCard } from "./two-factor-card";

const EVENTS_SHOWN = 30;

interface Props {
  searchParams: Promise<{ next?: string | string[] }>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("security");
  return { title: t("title") };
}

export default async function SecurityPage({ searchParams }: Props) {
  const user = await requireUserPage();
  const { next } = await searchParams;
  const [devices, knowsPassword, passkeys, events, barrier, t] = await Promise.all([
    listDevices(db, user.id),
    hasPassword(db, user.id),
    listPasskeys(db, user.id),
    listSignInEvents(db, { userId: user.id, limit: EVENTS_SHOWN }),
    barrierOf(user),
    getTranslations("security"),
  ]);
  const isTwoFactorOn = user.twoFactorEnabled;
  const consolePage = user.role === "admin" ? consolePageOf(next) : null;
  return (
    <>
      <PageHeader title={t("title")} />
      <div className="grid max-w-2xl gap-6">
        {(barrier !== null || consolePage !== null) && (
          <ConsoleNotice barrier={barrier} next={consolePage ?? "/admin"} />
        )}
        <PasswordCard hasPassword={knowsPassword} />
        <TwoFactorCard isOn={isTwoFactorOn} hasPassword={knowsPassword} email={user.email} />
        <PasskeysCard passkeys={passkeys} isOnlyFactor={passkeys.length === 1 && !isTwoFactorOn} />
        <DevicesCard devices={devices} currentId={user.sessionId} />
        <ActivityCard events={events} />
      </div>
    </>
  );
}

/** The console page that sent an admin here, without its language. */
function consolePageOf(next: unknown): string | null {
  const path = safeReturnPath(next);
  const page = path === null ? null : pathWithoutLocale(path);
  return page !== null && /^\/admin(?=$|[/?#])/.test(page) ? page : null;
}
