/** The captcha providers that better-auth's captcha plugin supports. */
export const CAPTCHA_PROVIDERS = ["turnstile", "hcaptcha"] as const;
export type CaptchaProvider = (typeof CAPTCHA_PROVIDERS)[number];

/** What the sign-up page needs to show the captcha. */
export interface CaptchaWidget {
  readonly provider: CaptchaProvider;
  readonly siteKey: string;
}

/** The header in which the sign-up form sends the provider's token, as better-auth's plugin reads it. */
export const CAPTCHA_HEADER = "x-captcha-response";

/** The script of each provider, which calls `onload` once it can render. */
export const CAPTCHA_SCRIPTS: Readonly<Record<CaptchaProvider, string>> = {
  turnstile: "https://challenges.cloudflare.com/turnstile/v0/api.js",
  hcaptcha: "https://js.hcaptcha.com/1/api.js",
};

/** The origins that each provider's documentation requires in a content security policy. */
export const CAPTCHA_ORIGINS: Readonly<Record<CaptchaProvider, readonly string[]>> = {
  turnstile: ["https://challenges.cloudflare.com"],
  hcaptcha: ["https://hcaptcha.com", "https://*.hcaptcha.com"],
};
