import { dictionary } from "@zxcvbn-ts/language-common";
import type { GenericEndpointContext } from "better-auth";
import { APIError, getSessionFromCtx } from "better-auth/api";
import { isPasswordCompromised } from "better-auth/plugins/haveibeenpwned";
import { millisecondsInSecond } from "date-fns/constants";
import { z } from "zod";
import { logger } from "@/lib/logger";
import { PASSWORD_LENGTH } from "./field-problems";

const COMMON = new Set(dictionary["passwords-common"]);
/** Missing from the list, which was collected in English: "I love you" and the like. */
const COMMON_IN_CHINESE = ["woaini", "woaiwojia", "wodemima", "5201314", "1314520"];
const SITE_NAME = "qiflow";
/** A shorter local part, as in `li@…`, is part of too many words. */
const MIN_LOCAL_PART = 4;

/**
 * True if a list of common passwords has the password, or it repeats a few characters or counts up or
 * down. A common password stays one with capitals, and with digits or symbols around it.
 */
export function isCommonPassword(password: string): boolean {
  const text = password.normalize("NFKC").toLowerCase();
  const core = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  const isListed = (word: string) => COMMON.has(word) || COMMON_IN_CHINESE.includes(word);
  return (
    isListed(text) ||
    /^(.{1,4})\1+$/su.test(text) ||
    countsUpOrDown(text) ||
    (isListed(core) && remainderIsShort(text, core)) ||
    COMMON_IN_CHINESE.some((word) => text.includes(word) && remainderIsShort(text, word))
  );
}

/** True if little remains of a password without the person's email address and the site's name. */
export function isPersonalPassword(password: string, email: string): boolean {
  const text = password.normalize("NFKC").toLowerCase();
  const address = email.trim().toLowerCase();
  const [localPart = ""] = address.split("@");
  const words = [address, SITE_NAME, ...(localPart.length < MIN_LOCAL_PART ? [] : [localPart])];
  return words.some((word) => text.includes(word) && remainderIsShort(text, word));
}

/** A password must be long enough without the word that everyone would try first. */
function remainderIsShort(text: string, word: string): boolean {
  return text.replaceAll(word, "").length < PASSWORD_LENGTH.min;
}

/** `12345678`, `hgfedcba` */
function countsUpOrDown(text: string): boolean {
  const steps = [...text].map((character, index, all) => {
    const before = all[index - 1]?.codePointAt(0);
    return before === undefined ? null : (character.codePointAt(0) ?? 0) - before;
  });
  const [, step] = steps;
  return Math.abs(step ?? 0) === 1 && steps.slice(1).every((one) => one === step);
}

const BREACH_TIMEOUT_MS = 3 * millisecondsInSecond;

/**
 * Checks at haveibeenpwned.com whether a password was in a breach. Sends the first five characters of its
 * SHA-1. Returns false if the service does not respond within three seconds: it must not block a
 * sign-up. (better-auth's plugin would respond with 500.)
 */
export async function isBreachedPassword(password: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("timed out")), BREACH_TIMEOUT_MS);
  });
  try {
    return await Promise.race([isPasswordCompromised(password), timeout]);
  } catch (error) {
    logger.warn({ err: error }, "haveibeenpwned.com did not check a password");
    return false;
  } finally {
    clearTimeout(timer);
  }
}

const newPassword = z.string().min(PASSWORD_LENGTH.min).max(PASSWORD_LENGTH.max);

/** The routes that set a password, and the field of their body. */
const PASSWORD_FIELDS: Readonly<Record<string, string>> = {
  "/sign-up/email": "password",
  "/change-password": "newPassword",
  "/reset-password": "newPassword",
};

/**
 * Refuses a new password that is easy to guess. Ignores an invalid password, which better-auth refuses.
 * Throws PASSWORD_COMMON, PASSWORD_PERSONAL or PASSWORD_BREACHED.
 */
export async function refuseGuessablePassword(
  context: GenericEndpointContext,
  isBreached: ((password: string) => Promise<boolean>) | undefined,
): Promise<void> {
  const field = PASSWORD_FIELDS[context.path ?? ""];
  const parsed = newPassword.safeParse(field && context.body?.[field]);
  if (!parsed.success) return;
  const password = parsed.data;
  if (isCommonPassword(password)) refuse("COMMON", "is on lists of common passwords");
  const email = await emailOf(context);
  if (isPersonalPassword(password, email)) refuse("PERSONAL", "is too similar to known facts");
  if (await isBreached?.(password)) refuse("BREACHED", "was published in a data breach");
}

function refuse(kind: "COMMON" | "PERSONAL" | "BREACHED", why: string): never {
  const code = `PASSWORD_${kind}`;
  throw new APIError("BAD_REQUEST", { code, message: `The password ${why}.` });
}

/** The address of the account whose password is set; empty if there is none. */
async function emailOf(context: GenericEndpointContext): Promise<string> {
  const { path, body, context: auth } = context;
  if (path === "/sign-up/email") return String(body.email);
  if (path === "/change-password") return (await getSessionFromCtx(context))?.user.email ?? "";
  const identifier = `reset-password:${String(body.token)}`;
  const reset = await auth.internalAdapter.findVerificationValue(identifier);
  return (reset && (await auth.internalAdapter.findUserById(reset.value)))?.email ?? "";
}
