import { useTranslations } from "next-intl";
import { catalog } from "@/catalog/catalog";
import { PlainLink } from "../plain-link";
import { ThemeSwitch } from "../theme/theme-switch";
import { LocaleSwitch } from "./locale-switch";
import { Logo } from "./logo";

export function SiteFooter({ supportAddress }: { supportAddress: string }) {
  const t = useTranslations("common");
  const product = useTranslations("product");
  const groups = [
    {
      title: t("footer.product"),
      links: [
        { href: "/pricing", label: t("nav.pricing") },
        { href: "/pricing#faq", label: t("nav.faq") },
        { href: "/docs/api", label: t("footer.api") },
      ],
    },
    {
      title: t("footer.legal"),
      links: [
        { href: "/terms", label: t("footer.terms") },
        { href: "/privacy", label: t("footer.privacy") },
        { href: "/refunds", label: t("footer.refunds") },
        ...(catalog.consumerRights === null
          ? []
          : [{ href: "/withdraw", label: t("footer.withdraw") }]),
      ],
    },
  ];
  return (
    <footer className="print:hidden mt-auto border-t">
      <div className="mx-auto grid max-w-6xl gap-10 px-4 py-12 sm:grid-cols-[1fr_auto_auto] sm:gap-16 sm:px-6">
        <div className="grid content-start gap-3">
          <Logo />
          <p className="max-w-[36ch] text-muted-foreground text-sm">{product("disclaimer")}</p>
          <p className="text-sm">
            <a href={`mailto:${supportAddress}`} className="underline underline-offset-4">
              {t("footer.support")}
            </a>
          </p>
          <div className="-ms-2.5 flex items-center">
            <LocaleSwitch />
            <ThemeSwitch />
          </div>
        </div>
        {groups.map((group) => (
          <nav
            key={group.title}
            aria-label={group.title}
            className="grid content-start gap-2.5 text-sm"
          >
            <p className="text-muted-foreground">{group.title}</p>
            {group.links.map((link) => (
              <PlainLink key={link.href} href={link.href} className="hover:underline">
                {link.label}
              </PlainLink>
            ))}
          </nav>
        ))}
      </div>
    </footer>
  );
}
