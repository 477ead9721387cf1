/** A valid birth for `createReadingAction`. */
export const BIRTH = {
  name: "林月",
  gender: "female",
  calendar: "solar",
  year: 1990,
  month: 2,
  day: 15,
  isLeapMonth: false,
  time: "08:30",
  place: { kind: "city", cityId: "beijing" },
  useTrueSolarTime: true,
  dayChangesAt: "midnight",
};

/**
 * A valid input of every action that takes one, for `tests/e2e/hostile-input.spec.ts`, which replaces
 * each text in turn. The rows that the ids name do not exist.
 */
const id = "00000000-0000-4000-8000-000000000000";
const SERVICE = "svc_AAAAAAAAAAAAAAAA";
const ENDPOINT = "whe_AAAAAAAAAAAAAAAA";
const reason = "a test of hostile input";

export const ACTION_INPUTS: Readonly<Record<string, object>> = {
  createServiceKey: { id, name: "Agent", scopes: ["read"], expiresInDays: null, cap: null },
  rotateServiceKey: { id, serviceId: SERVICE, overlapHours: 1, expiresInDays: null },
  changeServiceCap: { id, serviceId: SERVICE, cap: { amount: 10, window: "day" } },
  revokeServiceKey: { id, serviceId: SERVICE },
  createWebhookEndpoint: {
    id,
    serviceId: SERVICE,
    url: "https://receiver.example/events",
    events: ["balance.low"],
  },
  deleteWebhookEndpoint: { id, endpointId: ENDPOINT },
  replayWebhookEndpoint: { id, endpointId: ENDPOINT },
  rotateWebhookSecret: { id, endpointId: ENDPOINT },
  switchWebhookEndpoint: { id, endpointId: ENDPOINT, isEnabled: true },
  startReconcile: { id },
  closeEvent: { id, eventId: "evt_none", reason },
  replayDeadEvents: { id },
  replayEvent: { id, eventId: "evt_none" },
  closeOutbox: { id, outboxId: id, reason },
  resendOutbox: { id, outboxId: id },
  settleOwedPayment: { id, paymentId: "checkout:cs_none", reason },
  previewWithheld: { userId: "nobody" },
  releaseWithheld: { id, userId: "nobody", reason },
  checkGrants: { name: "a test", text: "nobody@people.example,5,,a test of hostile input" },
  applyGrants: { id, name: "a test", text: "nobody@people.example,5,,a test of hostile input" },
  retryFailure: { id, userId: "nobody" },
  startDistribution: { id },
  adjustCredits: {
    id,
    userId: "nobody",
    amount: 1,
    reason,
    expiresAt: "2030-01-01T00:00:00Z",
  },
  previewAdjust: { userId: "nobody", amount: 1, expiresAt: "2030-01-01T00:00:00Z" },
  endSession: { id, userId: "nobody", sessionId: "none" },
  setBanned: { id, userId: "nobody", reason, banned: true },
  startCustomerView: { id, userId: "nobody", reason },
  unfreezeAccount: { id, userId: "nobody", reason },
  createReadingAction: {
    readingId: id,
    birth: { ...BIRTH, place: { kind: "coordinates", longitude: 120, zone: "Asia/Shanghai" } },
  },
  searchPlacesAction: { query: "london" },
  deleteReadingAction: { id },
  shareReadingAction: { id },
  stopSharingReadingAction: { id },
  openPortal: { flow: "switch", item: "pro-yearly" },
  previewPlanSwitch: { item: "pro-yearly" },
  markNoticesRead: { upTo: "2026-01-01T00:00:00Z" },
  changeMyEmail: { email: "new@people.example", password: "not the password" },
  confirmMyEmail: { to: "new@people.example", token: "none" },
  confirmPassword: { password: "a guess" },
  deleteMyAccount: { proof: "not the password" },
  removeMyPasskey: { passkeyId: "none" },
  renameMyPasskey: { passkeyId: "none", name: "Work laptop" },
  saveNoticePreferences: { lowBalanceByEmail: true },
  saveSettings: { name: "Mei Lin", locale: "en", timeZone: "Asia/Shanghai" },
  createMyApiKey: {
    name: "Backup script",
    scopes: ["read"],
    expiresInDays: 30,
    cap: { amount: 10, window: "day" },
  },
  rotateMyApiKey: { serviceId: SERVICE, overlapHours: 1, expiresInDays: null },
  changeMyApiKeyCap: { serviceId: SERVICE, cap: { amount: 10, window: "day" } },
  revokeMyApiKey: { serviceId: SERVICE },
  signOutOne: { sessionId: "none" },
  changeSubscription: { token: "none", isOn: true },
  closeWithdrawal: { id, withdrawalId: id, reason },
  refundWithdrawal: { id, withdrawalId: id, contractId: "checkout:cs_none" },
  fileStatement: {
    id,
    name: "Mei Lin",
    email: "hostile@people.example",
    purchase: "Basic pack, 3 March",
  },
  withdraw: { id, contractId: "checkout:cs_none" },
  startCheckout: { item: "pack-basic", currency: "usd", consent: 1 },
};

const passkey = { id: "AAAA", rawId: "AAAA", type: "public-key" };

/** The text fields of the exposed auth routes. */
export const AUTH_INPUTS: Readonly<Record<string, object>> = {
  "sign-up/email": {
    name: "Mei Lin",
    email: "hostile@people.example",
    password: "a sentence nobody guesses",
    locale: "en",
    // An unknown time zone does not fail a sign-up: it counts as UTC.
    callbackURL: "/dashboard",
  },
  "sign-in/email": { email: "hostile@people.example", password: "a guess", callbackURL: "/" },
  "sign-in/social": { provider: "google", callbackURL: "/", errorCallbackURL: "/" },
  "request-password-reset": { email: "hostile@people.example", redirectTo: "/reset-password" },
  "reset-password": { token: "none", newPassword: "a sentence nobody guesses" },
  "send-verification-email": { email: "hostile@people.example", callbackURL: "/" },
  "two-factor/enable": { password: "a guess" },
  "two-factor/disable": { password: "a guess" },
  "two-factor/generate-backup-codes": { password: "a guess" },
  "two-factor/verify-totp": { code: "123456" },
  "two-factor/verify-backup-code": { code: "abcde-fghij" },
  "passkey/verify-registration": {
    name: "Work laptop",
    response: { ...passkey, response: { clientDataJSON: "AAAA", attestationObject: "AAAA" } },
  },
  "passkey/verify-authentication": {
    response: {
      ...passkey,
      response: { clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" },
    },
  },
  "passkey/confirm": {
    response: {
      ...passkey,
      response: { clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" },
    },
  },
  "change-password": { currentPassword: "a guess", newPassword: "a sentence nobody guesses" },
};

/** Every query parameter that a route reads. */
export const QUERY_FIELDS = [
  "after",
  "at",
  "before",
  "callbackURL",
  "code",
  "dryRun",
  "error",
  "from",
  "kind",
  "limit",
  "locale",
  "lots",
  "months",
  "newer",
  "older",
  "order",
  "q",
  "session_id",
  "state",
  "status",
  "strict",
  "to",
  "token",
  "type",
  "user",
] as const;

/** A JSON value in place of each text of an input, at any depth, with the path of the text. */
export function replaceEachText(
  input: object,
  hostile: unknown,
): { path: string; input: object }[] {
  return Object.entries(input).flatMap(([name, value]) => {
    if (typeof value === "string") return [{ path: name, input: { ...input, [name]: hostile } }];
    if (typeof value !== "object" || value === null) return [];
    return replaceEachText(value, hostile).map((inner) => ({
      path: `${name}.${inner.path}`,
      input: { ...input, [name]: inner.input },
    }));
  });
}

/** Texts that some fields accept, such as a name, but that break code which looks names up. */
export const PROTOTYPE_NAMES = ["__proto__", "constructor", "toString"] as const;

/** Values that no text field accepts. */
export const HOSTILE_VALUES: readonly (readonly [string, unknown])[] = [
  ["NUL", "a\0b"],
  ["a lone surrogate", "a\ud800"],
  ["a bidi override", "\u202egnp.exe"],
  ["zero-width text", "\u200b\u200d\ufeff"],
  ["900 kB", "x".repeat(900_000)],
  ["an array", ["a", ["b"]]],
  ["prototype keys", JSON.parse('{"__proto__":{"role":"admin"},"constructor":{"prototype":{}}}')],
];
