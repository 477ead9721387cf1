/**
 * The access table: how every page, route and server action responds to each role. `table.test.ts`
 * fails for a missing file. `tests/e2e/access.spec.ts` requests every entry in every role.
 */
export const ROLES = ["anonymous", "user", "banned", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** A status, or the path of a redirect: `→ /sign-in`. */
type Outcome = number | `→ /${string}`;
export type Outcomes = Readonly<Record<Role, Outcome>>;

/** The objects in the paths of pages and routes. The spec creates them first. */
export const SUBJECTS = ["event", "mail", "reading", "run", "user"] as const;
export type Subject = (typeof SUBJECTS)[number];

export interface Entry {
  /** With a placeholder such as `[event]` for the id of a subject. */
  readonly path: string;
  readonly expected: Outcomes;
  readonly body?: Readonly<Record<string, string>>;
}

const all = (outcome: Outcome): Outcomes => ({
  anonymous: outcome,
  user: outcome,
  banned: outcome,
  admin: outcome,
});
const signIn = "→ /sign-in";
const dashboard = "→ /dashboard";

const anyone = all(200);
const notFound = all(404);
const signedIn: Outcomes = { anonymous: signIn, user: 200, banned: signIn, admin: 200 };
/** For everyone else the console does not exist. */
const adminPage: Outcomes = { anonymous: signIn, user: 404, banned: signIn, admin: 200 };
const guests: Outcomes = { anonymous: 200, user: dashboard, banned: 200, admin: dashboard };
const ownersReading: Outcomes = { anonymous: signIn, user: 200, banned: signIn, admin: 404 };

const page = (path: string, expected: Outcomes): Entry => ({ path, expected });

/** Key: folder below `src/app/[locale]`. */
export const PAGES: Readonly<Record<string, Entry>> = {
  "(marketing)": page("/", anyone),
  "(marketing)/(product)/bazi/shared/[token]": page("/bazi/shared/no-such-link", notFound),
  "(marketing)/(product)/sample": page("/sample", anyone),
  "(marketing)/docs/api": page("/docs/api", anyone),
  "(marketing)/pricing": page("/pricing", anyone),
  "(marketing)/privacy": page("/privacy", anyone),
  "(marketing)/refunds": page("/refunds", anyone),
  "(marketing)/terms": page("/terms", anyone),
  "(auth)/sign-in": page("/sign-in", guests),
  "(auth)/sign-up": page("/sign-up", guests),
  "(auth)/forgot-password": page("/forgot-password", anyone),
  "(auth)/reset-password": page("/reset-password", anyone),
  "(auth)/unsubscribe": page("/unsubscribe", anyone),
  "(auth)/withdraw": page("/withdraw", {
    anonymous: 200,
    user: "→ /billing/withdraw",
    banned: 200,
    admin: "→ /billing/withdraw",
  }),
  "(auth)/verify-email": page("/verify-email", anyone),
  "(app)/(product)/bazi/(list)": page("/bazi", signedIn),
  "(app)/(product)/bazi/[id]": page("/bazi/[reading]", ownersReading),
  "(app)/(product)/bazi/new": page("/bazi/new", signedIn),
  "(app)/billing": page("/billing", signedIn),
  "(app)/billing/withdraw": page("/billing/withdraw", signedIn),
  "(app)/billing/success": page("/billing/success?session_id=cs_unknown", signedIn),
  "(app)/credits": page("/credits", signedIn),
  "(app)/dashboard": page("/dashboard", signedIn),
  "(app)/settings": page("/settings", signedIn),
  "(app)/settings/email": page("/settings/email", signedIn),
  "(app)/settings/api-keys": page("/settings/api-keys", signedIn),
  "(app)/settings/security": page("/settings/security", signedIn),
  "(admin)/admin": page("/admin", adminPage),
  "(admin)/admin/audit": page("/admin/audit", adminPage),
  "(admin)/admin/events/(list)": page("/admin/events", adminPage),
  "(admin)/admin/events/[id]": page("/admin/events/[event]", adminPage),
  "(admin)/admin/free-credits": page("/admin/free-credits", adminPage),
  "(admin)/admin/grants": page("/admin/grants", adminPage),
  "(admin)/admin/health": page("/admin/health", adminPage),
  "(admin)/admin/keys": page("/admin/keys", adminPage),
  "(admin)/admin/outbox": page("/admin/outbox", adminPage),
  "(admin)/admin/payments": page("/admin/payments", adminPage),
  "(admin)/admin/reports": page("/admin/reports", adminPage),
  "(admin)/admin/runs": page("/admin/runs", adminPage),
  "(admin)/admin/search": page("/admin/search?q=people", adminPage),
  "(admin)/admin/withdrawals": page("/admin/withdrawals", adminPage),
  "(admin)/admin/users/(list)": page("/admin/users", adminPage),
  "(admin)/admin/users/[id]": page("/admin/users/[user]", adminPage),
  // Without a view that was started, the page only offers to start one.
  "(admin)/admin/users/[id]/view": page("/admin/users/[user]/view", adminPage),
  // The mail preview exists only with the embedded database.
  "dev/mail": page("/dev/mail", anyone),
  "dev/mail/[id]": page("/dev/mail/[mail]", anyone),
  "[...rest]": page("/there/is/no/such/page", notFound),
};

const userRoute: Outcomes = { anonymous: 401, user: 200, banned: 401, admin: 200 };
const adminRoute: Outcomes = { anonymous: 401, user: 403, banned: 401, admin: 200 };
const route = (path: string, expected: Outcomes, body?: Entry["body"]): Entry => ({
  path: `/api/${path}`,
  expected,
  ...(body && { body }),
});
/** Replaces status 200, for example by the 400 for an empty body. */
const withStatus = (outcomes: Outcomes, status: number): Outcomes => ({
  anonymous: outcomes.anonymous === 200 ? status : outcomes.anonymous,
  user: outcomes.user === 200 ? status : outcomes.user,
  banned: outcomes.banned === 200 ? status : outcomes.banned,
  admin: outcomes.admin === 200 ? status : outcomes.admin,
});

/** Key: method and folder below `src/app/api`. */
export const ROUTES: Readonly<Record<string, Entry>> = {
  "GET account/export": route("account/export", userRoute),
  "GET admin/payments.csv": route("admin/payments.csv", adminRoute),
  "GET admin/reports/[report]": route("admin/reports/books.csv", adminRoute),
  "GET admin/runs/[id]": route("admin/runs/[run]", adminRoute),
  "GET admin/users/[id]/ledger.csv": route("admin/users/[user]/ledger.csv", adminRoute),
  "GET auth/[...all]": route("auth/get-session", anyone),
  "POST auth/[...all]": route("auth/change-password", withStatus(userRoute, 400), {
    currentPassword: "not the one it is",
    newPassword: "a sentence nobody uses",
  }),
  // A key authenticates the API. A session does not count.
  "GET v1/[[...path]]": route("v1/readings", all(401)),
  "POST v1/[[...path]]": route("v1/spends", all(401), {}),
  "PUT v1/[[...path]]": route("v1/spends", all(405), {}),
  "PATCH v1/[[...path]]": route("v1/spends", all(405), {}),
  "DELETE v1/[[...path]]": route("v1/spends", all(405), {}),
  "GET v1/openapi.json": route("v1/openapi.json", anyone),
  "GET checkout-status": route("checkout-status", withStatus(userRoute, 404)),
  "GET credits/balance": route("credits/balance", userRoute),
  "POST credits/daily-signin": route("credits/daily-signin", withStatus(userRoute, 201), {}),
  "GET credits/daily-signin/status": route("credits/daily-signin/status", userRoute),
  "GET credits/export": route("credits/export", userRoute),
  // The next five require their own credential. A session does not count.
  "POST dev/clock": route("dev/clock", notFound, {}),
  "POST dev/inbox-floor": route("dev/inbox-floor", all(400), {}),
  "GET distribute-credits": route("distribute-credits", all(401)),
  "GET jobs/tick": route("jobs/tick", all(401)),
  "POST webhooks/stripe": route("webhooks/stripe", all(400), {}),
  "GET health": route("health", anyone),
  "POST language": route("language", all(400), {}),
  "POST membership": route("membership", userRoute, {}),
  "GET notifications": route("notifications", userRoute),
  "POST notifications/unsubscribe": route("notifications/unsubscribe?token=x", all(400), {}),
  "GET viewer": route("viewer", anyone),
};

export type ActionKind = "publicAction" | "userAction" | "adminAction" | "sensitiveAdminAction";

/** Key: file below `src`, without `.ts`. Value: the client that builds each exported action. */
export const ACTIONS: Readonly<Record<string, Readonly<Record<string, ActionKind>>>> = {
  "app/[locale]/(admin)/admin/actions": {
    countOutstanding: "adminAction",
    startReconcile: "adminAction",
  },
  "app/[locale]/(admin)/admin/events/actions": {
    closeEvent: "sensitiveAdminAction",
    replayDeadEvents: "sensitiveAdminAction",
    replayEvent: "sensitiveAdminAction",
  },
  "app/[locale]/(admin)/admin/free-credits/actions": {
    previewWithheld: "adminAction",
    releaseWithheld: "sensitiveAdminAction",
  },
  "app/[locale]/(admin)/admin/keys/actions": {
    changeServiceCap: "sensitiveAdminAction",
    createServiceKey: "sensitiveAdminAction",
    revokeServiceKey: "sensitiveAdminAction",
    rotateServiceKey: "sensitiveAdminAction",
  },
  "app/[locale]/(admin)/admin/keys/endpoint-actions": {
    createWebhookEndpoint: "sensitiveAdminAction",
    deleteWebhookEndpoint: "sensitiveAdminAction",
    replayWebhookEndpoint: "sensitiveAdminAction",
    rotateWebhookSecret: "sensitiveAdminAction",
    switchWebhookEndpoint: "sensitiveAdminAction",
  },
  "app/[locale]/(admin)/admin/grants/actions": {
    applyGrants: "sensitiveAdminAction",
    checkGrants: "adminAction",
  },
  "app/[locale]/(admin)/admin/outbox/actions": {
    closeOutbox: "sensitiveAdminAction",
    resendOutbox: "sensitiveAdminAction",
  },
  "app/[locale]/(admin)/admin/payments/actions": {
    settleOwedPayment: "sensitiveAdminAction",
  },
  "app/[locale]/(admin)/admin/runs/actions": {
    previewDistribution: "adminAction",
    retryFailure: "sensitiveAdminAction",
    startDistribution: "sensitiveAdminAction",
  },
  "app/[locale]/(admin)/admin/users/[id]/actions": {
    adjustCredits: "sensitiveAdminAction",
    previewAdjust: "adminAction",
    endSession: "sensitiveAdminAction",
    setBanned: "sensitiveAdminAction",
    unfreezeAccount: "sensitiveAdminAction",
  },
  "app/[locale]/(admin)/admin/users/[id]/view/actions": {
    startCustomerView: "adminAction",
  },
  "products/bazi/actions": {
    createReadingAction: "userAction",
    searchPlacesAction: "userAction",
    deleteReadingAction: "userAction",
    deleteSavedBirthAction: "userAction",
    shareReadingAction: "userAction",
    stopSharingReadingAction: "userAction",
  },
  "app/[locale]/(app)/billing/actions": {
    openPortal: "userAction",
    previewPlanSwitch: "userAction",
    resumeMyPlan: "userAction",
  },
  "app/[locale]/(app)/notices/actions": { markNoticesRead: "userAction" },
  "app/[locale]/(app)/settings/api-keys/actions": {
    changeMyApiKeyCap: "userAction",
    createMyApiKey: "userAction",
    revokeMyApiKey: "userAction",
    rotateMyApiKey: "userAction",
  },
  "app/[locale]/(app)/settings/actions": {
    changeMyEmail: "userAction",
    confirmMyEmail: "userAction",
    deleteMyAccount: "userAction",
    removeMyPasskey: "userAction",
    renameMyPasskey: "userAction",
    saveNoticePreferences: "userAction",
    saveSettings: "userAction",
    signOutOne: "userAction",
    signOutOthers: "userAction",
  },
  "app/[locale]/(auth)/unsubscribe/actions": { changeSubscription: "publicAction" },
  "app/[locale]/(admin)/admin/withdrawals/actions": {
    closeWithdrawal: "sensitiveAdminAction",
    refundWithdrawal: "sensitiveAdminAction",
  },
  "app/withdrawal/actions": { fileStatement: "publicAction", withdraw: "userAction" },
  "app/proof/actions": { confirmPassword: "userAction" },
  "app/purchase/actions": { startCheckout: "userAction" },
};

/** Files with an inline action, and the action of the table above that it calls. */
export const INLINE_ACTIONS: Readonly<Record<string, string>> = {
  "app/[locale]/(auth)/unsubscribe/page.tsx": "changeSubscription",
};
