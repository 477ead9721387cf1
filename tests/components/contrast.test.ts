import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/app/globals.css", "utf8");
const THEMES = { light: tokensOf(":root"), dark: tokensOf(".dark") };

const TEXT_ON_GROUND = [
  ["foreground", "background"],
  ["foreground", "muted"],
  ["card-foreground", "card"],
  ["muted-foreground", "background"],
  ["muted-foreground", "card"],
  ["muted-foreground", "muted"],
  ["primary-foreground", "primary"],
  ["primary-foreground", "primary-hover"],
  ["primary-ink", "card"],
  ["primary-ink", "background"],
  ["destructive", "card"],
  ["destructive", "background"],
  ["destructive-foreground", "destructive"],
  ["success", "card"],
  ["success", "muted"],
  ["warning", "card"],
] as const;

/** Non-text contrast (WCAG 1.4.11): edges of controls, focus rings, bars of charts. */
const SHAPES_ON_GROUND = [
  ["ring", "background"],
  ["primary", "background"],
  ["wood", "card"],
  ["fire", "card"],
  ["earth", "card"],
  ["metal", "card"],
  ["water", "card"],
] as const;

describe.each(Object.entries(THEMES))("the %s theme of globals.css", (_theme, tokens) => {
  it.each(TEXT_ON_GROUND)(
    "has a contrast of at least 4.5 for the text colour %s on %s",
    (text, ground) => {
      expect(contrast(tokens, text, ground)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(SHAPES_ON_GROUND)(
    "has a contrast of at least 3 for shapes in %s on %s",
    (shape, ground) => {
      expect(contrast(tokens, shape, ground)).toBeGreaterThanOrEqual(3);
    },
  );
});

function tokensOf(selector: string): Map<string, [number, number, number]> {
  const block = css.slice(css.indexOf(`\n${selector} {`)).split("\n}")[0] ?? "";
  const found = block.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g);
  return new Map(
    [...found].map(([, name = "", l, c, h]) => [name, [Number(l), Number(c), Number(h)]]),
  );
}

function contrast(tokens: Map<string, [number, number, number]>, a: string, b: string): number {
  const [dark, light] = [luminance(tokens.get(a)), luminance(tokens.get(b))].toSorted(
    (x, y) => x - y,
  );
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** Relative luminance of an OKLCH colour. Matrices: Björn Ottosson, "A perceptual color space". */
function luminance(colour: [number, number, number] | undefined): number {
  if (colour === undefined) throw new Error("This token is not an oklch() colour in globals.css.");
  const [lightness, chroma, hue] = colour;
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  const red = clamp(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = clamp(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = clamp(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
