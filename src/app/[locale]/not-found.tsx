import { useTranslations } from "next-intl";
import { Link } from "@/components/link";
import { Logo } from "@/components/logo";
import { NotFoundPage } from "@/components/not-found-page";

export default function NotFound() {
  const t = useTranslations("common.nav");
  return (
    <main id="content" className="grid flex-1 grid-rows-[auto_1fr] px-6 pt-6">
      <Link href="/" aria-label={t("home")} className="justify-self-start">
        <Logo />
      </Link>
      <NotFoundPage />
    </main>
  );
}
