import type { CurrentMessages } from "@/product/current";
import type admin from "./messages/en/admin.json";
import type apiDocs from "./messages/en/apiDocs.json";
import type apiKeys from "./messages/en/apiKeys.json";
import type auth from "./messages/en/auth.json";
import type billing from "./messages/en/billing.json";
import type common from "./messages/en/common.json";
import type credits from "./messages/en/credits.json";
import type dashboard from "./messages/en/dashboard.json";
import type dev from "./messages/en/dev.json";
import type emails from "./messages/en/emails.json";
import type errors from "./messages/en/errors.json";
import type legal from "./messages/en/legal.json";
import type marketing from "./messages/en/marketing.json";
import type notifications from "./messages/en/notifications.json";
import type pricing from "./messages/en/pricing.json";
import type security from "./messages/en/security.json";
import type settings from "./messages/en/settings.json";
import type signin from "./messages/en/signin.json";
import type withdrawal from "./messages/en/withdrawal.json";
import type { routing } from "./routing";

/** English defines the keys: a missing key is a type error. */
declare module "next-intl" {
  interface AppConfig {
    Locale: (typeof routing.locales)[number];
    Messages: CurrentMessages & {
      admin: typeof admin;
      apiDocs: typeof apiDocs;
      apiKeys: typeof apiKeys;
      auth: typeof auth;
      billing: typeof billing;
      common: typeof common;
      credits: typeof credits;
      dashboard: typeof dashboard;
      dev: typeof dev;
      emails: typeof emails;
      errors: typeof errors;
      legal: typeof legal;
      marketing: typeof marketing;
      notifications: typeof notifications;
      pricing: typeof pricing;
      security: typeof security;
      settings: typeof settings;
      signin: typeof signin;
      withdrawal: typeof withdrawal;
    };
  }
}
