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
import type { Letter, Stationery } from "./letter";

/** The site's colours on paper (globals.css), in the notation mail programs understand. */
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

/** A letter on the site's paper. No pictures, nothing loaded from elsewhere: it reads the same everywhere. */
export function LetterLayout({ letter, stationery }: { letter: Letter; stationery: Stationery }) {
  const { t, locale, pageUrl, unsubscribeUrl } = stationery;
  const [preview = letter.heading] = letter.paragraphs;
  return (
    <Html lang={locale}>
      <Head>
        <title>{letter.subject}</title>
      </Head>
      <Preview>{preview}</Preview>
      <Body style={{ margin: 0, backgroundColor: PAPER, color: INK, fontFamily: FONTS[locale] }}>
        <Container style={{ maxWidth: 560, padding: "32px 16px" }}>
          <Link href={pageUrl("/")} style={styles.brand}>
            {t("brand")}
          </Link>
          <Section style={styles.sheet}>
            <Heading as="h1" style={styles.heading}>
              {letter.heading}
            </Heading>
            {letter.greeting && <Text style={styles.text}>{letter.greeting}</Text>}
            <Paragraphs texts={letter.paragraphs} style={styles.text} />
            {letter.facts && <Facts facts={letter.facts} />}
            {letter.action && (
              <Button href={letter.action.url} style={styles.button}>
                {letter.action.label}
              </Button>
            )}
            {letter.notes && <Paragraphs texts={letter.notes} style={styles.note} />}
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

/** Characters of a figure with its unit, which stay on one line; an instant with its zone may break. */
const SHORT = 20;

function Facts({ facts }: { facts: NonNullable<Letter["facts"]> }) {
  return (
    <Section style={{ margin: "8px 0 16px" }}>
      {facts.map(({ label, value }) => (
        <Row key={`${label} ${value}`} style={{ borderTop: `1px solid ${LINE}` }}>
          <Column style={styles.factLabel}>{label}</Column>
          <Column style={value.length > SHORT ? styles.factValue : styles.figure}>{value}</Column>
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
  figure: { ...factValue, whiteSpace: "nowrap" },
  footer: { margin: 0, fontSize: 12, lineHeight: "19px", color: MUTED },
  footerLink: { fontSize: 12, lineHeight: "19px", color: MUTED, textDecoration: "underline" },
} as const satisfies Record<string, CSSProperties>;
