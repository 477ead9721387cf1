import { useTranslations } from "next-intl";
import { Logo } from "@/components/layout/logo";
import { NotFoundPage } from "@/components/layout/not-found-page";
import { PlainLink } from "@/components/plain-link";

export default function NotFound() {
  const t = useTranslations("common.nav");
  return (
    <main id="content" className="grid flex-1 grid-rows-[auto_1fr] px-6 pt-6">
      <PlainLink href="/" aria-label={t("home")} className="justify-self-start">
        <Logo />
      </PlainLink>
      <NotFoundPage />
    </main>
  );
}
