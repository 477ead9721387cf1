import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { alternates } from "@/app/[locale]/alternates";
import { PlainLink } from "@/components/plain-link";
import { env } from "@/env";
import { isLocale } from "@/lib/locales";
import { ApiReference } from "./api-reference";

export const dynamic = "force-dynamic";

interface Props {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: "apiDocs" });
  return {
    title: t("title"),
    description: t("description"),
    alternates: alternates(locale, "/docs/api"),
  };
}

/** The documentation of the API: a quick start, and the reference from the OpenAPI document. */
export default async function ApiDocsPage({ params }: Props) {
  const { locale } = await params;
  const t = await getTranslations("apiDocs");
  const samples = [
    { title: t("quickStart.shell"), code: shellSample(env.APP_URL) },
    { title: t("quickStart.client"), code: clientSample(env.APP_URL) },
  ];
  return (
    <>
      <div className="mx-auto grid max-w-6xl gap-6 px-4 pt-14 pb-12 sm:px-6 sm:pt-20">
        <h1 className="font-heading text-4xl sm:text-5xl">{t("title")}</h1>
        <p className="max-w-[44em] text-lg text-muted-foreground">
          {t.rich("intro", {
            keys: (text) => (
              <PlainLink
                href="/settings/api-keys"
                className="text-foreground underline underline-offset-4"
              >
                {text}
              </PlainLink>
            ),
          })}
        </p>
        <h2 className="mt-6 font-heading text-2xl">{t("quickStart.title")}</h2>
        <div className="grid gap-6 lg:grid-cols-2">
          {samples.map(({ title, code }) => (
            <section key={title} className="grid min-w-0 content-start gap-2">
              <h3 className="text-muted-foreground text-sm">{title}</h3>
              <pre
                // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
                tabIndex={0}
                className="overflow-x-auto rounded-lg border bg-card p-4 font-mono text-[13px] leading-relaxed"
              >
                <code>{code}</code>
              </pre>
            </section>
          ))}
        </div>
        <p className="max-w-[44em] text-muted-foreground">{t("quickStart.keys")}</p>
      </div>
      <section aria-labelledby="reference">
        <div className="mx-auto flex max-w-6xl flex-wrap items-baseline gap-x-6 gap-y-1 px-4 pb-4 sm:px-6">
          <h2 id="reference" className="font-heading text-2xl">
            {t("reference.title")}
          </h2>
          <a
            href="/api/v1/openapi.json"
            className="text-muted-foreground text-sm underline underline-offset-4"
          >
            {t("reference.document")}
          </a>
          {locale !== "en" && (
            <p className="text-muted-foreground text-sm">{t("reference.language")}</p>
          )}
        </div>
        <ApiReference
          script={process.env.QIFLOW_REFERENCE_SCRIPT ?? ""}
          texts={{ loading: t("reference.loading"), failed: t("reference.failed") }}
        />
      </section>
    </>
  );
}

function shellSample(url: string): string {
  return `export QIFLOW_KEY=qf_…

curl -H "Authorization: Bearer $QIFLOW_KEY" \\
  ${url}/api/v1/balance

curl -H "Authorization: Bearer $QIFLOW_KEY" \\
  -H "Idempotency-Key: job-17" \\
  -d '{"amount": 5, "reference": "job-17"}' \\
  ${url}/api/v1/spends`;
}

function clientSample(url: string): string {
  return `import { createClient } from "@qiflow/client";

const api = createClient({
  baseUrl: "${url}/api/v1",
  apiKey: process.env.QIFLOW_KEY!,
});

const { available } = await api.get("/balance");
await api.post("/spends", {
  body: { amount: 5, reference: "job-17" },
  idempotencyKey: "job-17",
});`;
}
