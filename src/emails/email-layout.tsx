import type { CSSProperties } from "react";
import {
  Body,
  Button,
  Column,
  Container,
  Head,
  Heading,
  Hr,
  Html,
  Link,
  Preview,
  Row,
  Section,
  Text,
} from "react-email";
import type { Locale } from "@/lib/locales";
import type { EmailText, TemplateContext } from "./template";

/** The colours of the site (globals.css) in hex, because mail clients support no `oklch()`. */
const INK = "#201b16";
const MUTED = "#635b53";
const PAPER = "#faf7f3";
const SHEET = "#fefdfa";
const LINE = "#ddd8d1";
const CINNABAR = "#c13925";

const FONTS: Record<Locale, string> = {
  en: "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
  "zh-CN":
    "system-ui, -apple-system, 'PingFang SC', 'Hiragino Sans GB', 'Noto Sans SC', 'Microsoft YaHei', sans-serif",
};

/** The HTML of an email. No images and no remote resources, so that it renders everywhere. */
export function EmailLayout({ text, context }: { text: EmailText; context: TemplateContext }) {
  const { t, locale, pageUrl, unsubscribeUrl } = context;
  const [preview = text.heading] = text.paragraphs;
  return (
    <Html lang={locale}>
      <Head>
        <title>{text.subject}</title>
      </Head>
      <Preview>{preview}</Preview>
      <Body style={{ margin: 0, backgroundColor: PAPER, color: INK, fontFamily: FONTS[locale] }}>
        <Container style={{ maxWidth: 560, padding: "32px 16px" }}>
          <Link href={pageUrl("/")} style={styles.brand}>
            {t("brand")}
          </Link>
          <Section style={styles.sheet}>
            <Heading as="h1" style={styles.heading}>
              {text.heading}
            </Heading>
            <Paragraphs texts={text.paragraphs} style={styles.text} />
            {text.facts && <Facts facts={text.facts} />}
            {text.action && (
              <Button href={text.action.url} style={styles.button}>
                {text.action.label}
              </Button>
            )}
            {text.notes && <Paragraphs texts={text.notes} style={styles.note} />}
          </Section>
          <Hr style={{ borderColor: LINE, margin: "24px 0 12px" }} />
          <Text style={styles.footer}>{t("footer")}</Text>
          {unsubscribeUrl !== null && (
            <Link href={unsubscribeUrl} style={styles.footerLink}>
              {t("unsubscribe")}
            </Link>
          )}
        </Container>
      </Body>
    </Html>
  );
}

function Paragraphs({ texts, style }: { texts: readonly string[]; style: CSSProperties }) {
  return texts.map((text) => (
    <Text key={text} style={style}>
      {text}
    </Text>
  ));
}

/** Values up to this length (an amount with its unit) never wrap; longer ones (an instant) may. */
const NO_WRAP_LENGTH = 20;

function Facts({ facts }: { facts: NonNullable<EmailText["facts"]> }) {
  return (
    <Section style={{ margin: "8px 0 16px" }}>
      {facts.map(({ label, value }) => (
        <Row key={`${label} ${value}`} style={{ borderTop: `1px solid ${LINE}` }}>
          <Column style={styles.factLabel}>{label}</Column>
          <Column style={value.length > NO_WRAP_LENGTH ? styles.factValue : styles.amount}>
            {value}
          </Column>
        </Row>
      ))}
    </Section>
  );
}

const factValue = {
  padding: "9px 0",
  fontSize: 14,
  textAlign: "right",
  fontVariantNumeric: "tabular-nums",
} as const;

const styles = {
  brand: { color: CINNABAR, fontSize: 18, fontWeight: 600, textDecoration: "none" },
  sheet: {
    marginTop: 16,
    padding: "28px 28px 20px",
    backgroundColor: SHEET,
    border: `1px solid ${LINE}`,
    borderRadius: 8,
  },
  heading: { margin: "0 0 12px", fontSize: 22, lineHeight: "30px", fontWeight: 600 },
  text: { margin: "0 0 14px", fontSize: 15, lineHeight: "25px" },
  note: { margin: "14px 0 0", fontSize: 13, lineHeight: "21px", color: MUTED },
  button: {
    margin: "6px 0 8px",
    padding: "11px 20px",
    backgroundColor: CINNABAR,
    color: SHEET,
    borderRadius: 5,
    fontSize: 15,
    fontWeight: 600,
    textDecoration: "none",
  },
  factLabel: { padding: "9px 0", fontSize: 14, color: MUTED },
  factValue,
  amount: { ...factValue, whiteSpace: "nowrap" },
  footer: { margin: 0, fontSize: 12, lineHeight: "19px", color: MUTED },
  footerLink: { fontSize: 12, lineHeight: "19px", color: MUTED, textDecoration: "underline" },
} as const satisfies Record<string, CSSProperties>;
