import { useTranslations } from "next-intl";
import { LinkButton } from "@/components/ui/link-button";
import { ByViewer } from "./by-viewer";

/** Sign in and create an account; for somebody who is signed in, the way inside. */
export function AccountLinks() {
  const t = useTranslations("common.nav");
  return (
    <ByViewer
      member={
        <LinkButton href="/dashboard" size="sm" className="ms-1" prefetch={false}>
          {t("dashboard")}
        </LinkButton>
      }
      visitor={
        <>
          <LinkButton href="/sign-in" variant="quiet" size="sm" prefetch={false}>
            {t("signIn")}
          </LinkButton>
          <span className="hidden md:inline">
            <LinkButton href="/sign-up" size="sm" className="ms-1" prefetch={false}>
              {t("signUp")}
            </LinkButton>
          </span>
        </>
      }
    />
  );
}
