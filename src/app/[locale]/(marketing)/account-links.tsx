import { useTranslations } from "next-intl";
import { PlainLinkButton } from "@/components/ui/plain-link-button";
import { ByViewer } from "./by-viewer";

/** Sign in and create an account; for somebody who is signed in, the way inside. */
export function AccountLinks() {
  const t = useTranslations("common.nav");
  return (
    <ByViewer
      member={
        <PlainLinkButton href="/dashboard" size="sm" className="ms-1">
          {t("dashboard")}
        </PlainLinkButton>
      }
      visitor={
        <>
          <PlainLinkButton href="/sign-in" variant="quiet" size="sm">
            {t("signIn")}
          </PlainLinkButton>
          <span className="hidden md:inline">
            <PlainLinkButton href="/sign-up" size="sm" className="ms-1">
              {t("signUp")}
            </PlainLinkButton>
          </span>
        </>
      }
    />
  );
}
