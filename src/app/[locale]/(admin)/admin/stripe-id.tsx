import { ExternalLink } from "lucide-react";
import { useTranslations } from "next-intl";
import { stripeDashboardUrl } from "@/billing/stripe/dashboard-url";
import { Identifier } from "@/components/admin/facts";

/**
 * The id of a Stripe object, with a link to its page in Stripe's dashboard if it has one. `page` is the
 * object to link to if it isn't the one shown.
 */
export function StripeId({ id, page = id }: { id: string; page?: string }) {
  const t = useTranslations("admin");
  const url = stripeDashboardUrl(page);
  if (url === null) return <Identifier>{id}</Identifier>;
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer"
      className="underline decoration-border underline-offset-4 hover:decoration-current"
    >
      <Identifier>{id}</Identifier>{" "}
      <ExternalLink aria-label={t("openInStripe")} className="inline size-3 align-baseline" />
    </a>
  );
}
