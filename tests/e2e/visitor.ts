import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { createTranslator } from "next-intl";
import { catalog } from "@/catalog/catalog";
import { findPlan, itemName } from "@/catalog/items";
import { BIRTH } from "../access/samples";
import { callAction, findAction } from "./server-actions";

export type Locale = "en" | "zh-CN";
export const LOCALES = ["en", "zh-CN"] as const;
export type Pack = "basic" | "standard" | "premium" | "enterprise";

type Words = (key: string, values?: Record<string, string | number>) => string;

/** Returns the translator of a namespace, so that a test finds elements by their visible text. */
function wordsOf(locale: Locale, namespace: string): Words {
  const messages: unknown = Object.assign(
    {},
    ...["src/i18n/messages", "src/products/bazi/messages"]
      .map((folder) => `${folder}/${locale}/${namespace}.json`)
      .filter((file) => existsSync(file))
      .map((file) => JSON.parse(readFileSync(file, "utf8"))),
  );
  return (key, values) => {
    const text = key.split(".").reduce<unknown>(stepInto, messages);
    if (typeof text !== "string") throw new Error(`No message ${namespace}.${key}`);
    return createTranslator({ locale, messages: { text } })("text", values);
  };
}

function stepInto(messages: unknown, key: string): unknown {
  return typeof messages === "object" && messages !== null
    ? Object.entries(messages).find(([name]) => name === key)?.[1]
    : undefined;
}

export const BAZI_ACTIONS = "src/products/bazi/actions.ts";

/** Drives one browser page in one language. Its methods are the actions of a user. */
export class Visitor {
  readonly email = `${randomUUID()}@people.example`;
  readonly password = "a sentence nobody guesses";

  constructor(
    readonly page: Page,
    readonly locale: Locale,
  ) {}

  words(namespace: string): Words {
    return wordsOf(this.locale, namespace);
  }

  path(path: string): string {
    return this.locale === "zh-CN" ? `/zh${path === "/" ? "" : path}` : path;
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.path(path));
  }

  async signUp(email = this.email): Promise<void> {
    await this.open("/sign-up");
    await this.fillSignUp(email);
  }

  /** Fills and submits the form of the sign-up page, which is open. */
  async fillSignUp(email = this.email): Promise<void> {
    const t = this.words("auth");
    await this.page.getByLabel(t("name"), { exact: true }).fill("林月");
    await this.page.getByLabel(t("email"), { exact: true }).fill(email);
    await this.page.getByLabel(t("password"), { exact: true }).fill(this.password);
    await this.page.getByRole("button", { name: t("signUp.submit") }).click();
  }

  async signIn(email = this.email, password = this.password): Promise<void> {
    const t = this.words("auth");
    await this.open("/sign-in");
    await this.page.getByLabel(t("email"), { exact: true }).fill(email);
    await this.page.getByLabel(t("password"), { exact: true }).fill(password);
    await this.page.getByRole("button", { name: t("signIn.submit"), exact: true }).click();
  }

  async signOut(): Promise<void> {
    await this.page.context().clearCookies();
  }

  /** Checks the live balance in the header. */
  async expectBalance(credits: number): Promise<void> {
    const figure = new Intl.NumberFormat(this.locale).format(credits);
    const balance = this.page.getByLabel(this.words("common")("balance.label")).first();
    await expect(balance).toHaveText(new RegExp(`^\\s*${figure}(\\D|$)`));
  }

  async buyPack(pack: Pack): Promise<void> {
    await this.open("/pricing");
    const row = this.page
      .getByRole("row")
      .filter({ hasText: itemName(`pack-${pack}`, this.locale) });
    await row.getByRole("button").click();
    await this.consent();
  }

  /** Buys a plan whose button is on the page. */
  async buyPlan(planId: string): Promise<void> {
    await this.buyButton(planId).click();
    await this.consent();
  }

  /** Agrees to immediate supply and continues to the payment page. */
  async consent(): Promise<void> {
    if (!catalog.consumerRights?.consentToImmediateSupply) return;
    const t = this.words("legal");
    const dialog = this.page.getByRole("dialog", { name: t("consent.title") });
    await dialog.getByRole("checkbox").check();
    await dialog.getByRole("button", { name: t("consent.continue") }).click();
  }

  /** The button of a plan's card on the pricing page. */
  buyButton(planId: string): Locator {
    const { name, prices } = findPlan(planId) ?? catalog.freePlan;
    const key = prices?.once === undefined ? "buy.subscription" : "buy.lifetime";
    const label = this.words("pricing")(key, { name: name[this.locale] });
    return this.page.getByRole("button", { name: label });
  }

  /** Pays on the simulator's payment page. */
  async pay(how: "card" | "coupon" = "card"): Promise<void> {
    await this.page.getByTestId(how).check();
    await this.page.getByTestId("pay").click();
  }

  /** Waits on the success page until it shows the new balance. */
  async expectPurchase(balance: number): Promise<void> {
    await expect(this.page).toHaveURL(/billing\/success/);
    await expect(this.page.getByText(this.words("billing")("success.balance"))).toBeVisible();
    await this.expectBalance(balance);
  }

  async fillReading({ day = 15 }: { day?: number } = {}): Promise<void> {
    const t = this.words("bazi");
    const { page } = this;
    await page.getByLabel(t("form.name"), { exact: true }).fill("林月");
    await page.getByRole("radio", { name: t("birth.female") }).check();
    await page.getByLabel(t("form.year")).fill("1990");
    await this.choose(t("form.month"), t("monthName", { month: "2" }));
    await this.choose(t("form.day"), t("dayName", { day: String(day) }));
    await page.getByLabel(t("form.time"), { exact: true }).fill("08:30");
    await this.choosePlace(t("places.beijing"));
  }

  async makeReading(): Promise<void> {
    await this.open("/bazi/new");
    await this.fillReading();
    await this.page.getByRole("button", { name: this.submitReadingLabel() }).click();
  }

  /** Creates readings through the form's action. Each costs 10 credits. */
  async createReadings(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) {
      expect(await this.submitReading(BIRTH)).toContain('"status":"stored"');
    }
  }

  /** Calls the form's action with a new reading id. Returns the raw stream. */
  async submitReading(birth: object): Promise<string> {
    const { id } = findAction(BAZI_ACTIONS, "createReadingAction");
    return callAction(this.page.request, {
      id,
      page: "/bazi/new",
      input: { readingId: randomUUID(), birth },
      origin: new URL(this.page.url()).origin,
    });
  }

  submitReadingLabel(): string {
    const cost = this.words("common")("credits", { amount: 10, amountText: "10" });
    return this.words("bazi")("form.submit", { cost });
  }

  /** Chooses one of the places that the form lists before anything is typed. */
  async choosePlace(name: string): Promise<void> {
    await this.choose(this.words("bazi")("form.place"), name);
  }

  async choose(label: string, option: string): Promise<void> {
    await this.page.getByRole("combobox", { name: label }).click();
    await this.page.getByRole("option", { name: option, exact: true }).click();
  }
}
