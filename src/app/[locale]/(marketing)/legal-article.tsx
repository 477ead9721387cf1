import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { alternates } from "@/app/[locale]/alternates";
import { isLocale } from "@/lib/locales";

interface LegalSection {
  readonly id: string;
  readonly title: string;
  /** Paragraphs separated by an empty line. Lines that start with `- ` form a list. */
  readonly body: string;
  /** Shown below the body. */
  readonly children?: ReactNode;
}

/** Returns title, description and alternate URLs of a legal page. */
export async function legalMetadata(
  page: "terms" | "privacy" | "refunds",
  params: Promise<{ locale: string }>,
): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: `legal.${page}` });
  return {
    title: t("title"),
    description: t("description"),
    alternates: alternates(locale, `/${page}`),
  };
}

/** A legal text. The id of each section is an anchor. */
export function LegalArticle({
  title,
  intro,
  updated,
  sections,
}: {
  title: string;
  intro: string;
  updated: string;
  sections: readonly LegalSection[];
}) {
  return (
    <article className="mx-auto max-w-6xl px-4 pt-14 pb-20 sm:px-6 sm:pt-20">
      <h1 className="font-heading text-4xl">{title}</h1>
      <p className="mt-3 text-muted-foreground text-sm">{updated}</p>
      <div className="prose mt-8">
        <p className="text-lg">{intro}</p>
        {sections.map((section) => (
          <section key={section.id} aria-labelledby={section.id}>
            <h2 id={section.id}>{section.title}</h2>
            {section.body.split("\n\n").map((block) => (
              <Block key={block} text={block} />
            ))}
            {section.children}
          </section>
        ))}
      </div>
    </article>
  );
}

function Block({ text }: { text: string }): ReactNode {
  const lines = text.split("\n");
  if (!lines.every((line) => line.startsWith("- "))) return <p>{text}</p>;
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line.slice(2)}</li>
      ))}
    </ul>
  );
}
