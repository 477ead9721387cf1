/**
 * Who may do what: every page, route and server action of the app, by its file. `table.test.ts`
 * fails for a file that is missing here, `tests/e2e/access.spec.ts` asks for each as each of these.
 */
export const ROLES = ["anonymous", "user", "banned", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** A status, or where a page sends whoever asks: `→ /sign-in`. */
type Answer = number | `→ /${string}`;
export type Answers = Readonly<Record<Role, Answer>>;

/** Things that a page or route is about; the walk makes them first. */
export const THINGS = ["event", "mail", "reading", "run", "user"] as const;
export type Thing = (typeof THINGS)[number];

export interface Door {
  /** With `[event]` and the like where a thing's id belongs. */
  readonly path: string;
  readonly answers: Answers;
  /** For routes that take one. */
  readonly body?: Readonly<Record<string, string>>;
}

const all = (answer: Answer): Answers => ({
  anonymous: answer,
  user: answer,
  banned: answer,
  admin: answer,
});
const signIn = "→ /sign-in";
const dashboard = "→ /dashboard";

const anyone = all(200);
const nobody = all(404);
const signedIn: Answers = { anonymous: signIn, user: 200, banned: signIn, admin: 200 };
/** To everybody else there is no console. */
const adminPage: Answers = { anonymous: signIn, user: 404, banned: signIn, admin: 200 };
const guests: Answers = { anonymous: 200, user: dashboard, banned: 200, admin: dashboard };
const ownersReading: Answers = { anonymous: signIn, user: 200, banned: signIn, admin: 404 };

const page = (path: string, answers: Answers): Door => ({ path, answers });

/** Below `src/app/[locale]`, without `/page.tsx`. */
export const PAGES: Readonly<Record<string, Door>> = {
  "(marketing)": page("/", anyone),
  "(marketing)/pricing": page("/pricing", anyone),
  "(marketing)/privacy": page("/privacy", anyone),
  "(marketing)/refunds": page("/refunds", anyone),
  "(marketing)/terms": page("/terms", anyone),
  "(auth)/sign-in": page("/sign-in", guests),
  "(auth)/sign-up": page("/sign-up", guests),
  "(auth)/forgot-password": page("/forgot-password", anyone),
  "(auth)/reset-password": page("/reset-password", anyone),
  "(auth)/unsubscribe": page("/unsubscribe", anyone),
  "(auth)/verify-email": page("/verify-email", anyone),
  "(app)/bazi/(list)": page("/bazi", signedIn),
  "(app)/bazi/[id]": page("/bazi/[reading]", ownersReading),
  "(app)/bazi/new": page("/bazi/new", signedIn),
  "(app)/billing": page("/billing", signedIn),
  "(app)/billing/success": page("/billing/success?session_id=cs_unknown", signedIn),
  "(app)/credits": page("/credits", signedIn),
  "(app)/dashboard": page("/dashboard", signedIn),
  "(app)/settings": page("/settings", signedIn),
  "(admin)/admin": page("/admin", adminPage),
  "(admin)/admin/audit": page("/admin/audit", adminPage),
  "(admin)/admin/events/(list)": page("/admin/events", adminPage),
  "(admin)/admin/events/[id]": page("/admin/events/[event]", adminPage),
  "(admin)/admin/health": page("/admin/health", adminPage),
  "(admin)/admin/outbox": page("/admin/outbox", adminPage),
  "(admin)/admin/payments": page("/admin/payments", adminPage),
  "(admin)/admin/reports": page("/admin/reports", adminPage),
  "(admin)/admin/runs": page("/admin/runs", adminPage),
  "(admin)/admin/users/(list)": page("/admin/users", adminPage),
  "(admin)/admin/users/[id]": page("/admin/users/[user]", adminPage),
  // On a laptop they stand in for a mail service; elsewhere there are no such pages.
  "dev/mail": page("/dev/mail", anyone),
  "dev/mail/[id]": page("/dev/mail/[mail]", anyone),
  "[...rest]": page("/there/is/no/such/page", nobody),
};

const userRoute: Answers = { anonymous: 401, user: 200, banned: 401, admin: 200 };
const adminRoute: Answers = { anonymous: 401, user: 403, banned: 401, admin: 200 };
const route = (path: string, answers: Answers, body?: Door["body"]): Door => ({
  path: `/api/${path}`,
  answers,
  ...(body && { body }),
});
/** The door is open to whoever may knock, and says that what was sent makes no sense. */
const butNonsense = (answers: Answers, answer: number): Answers => ({
  anonymous: answers.anonymous === 200 ? answer : answers.anonymous,
  user: answers.user === 200 ? answer : answers.user,
  banned: answers.banned === 200 ? answer : answers.banned,
  admin: answers.admin === 200 ? answer : answers.admin,
});

/** By method and place below `src/app/api`, without `/route.ts`. */
export const ROUTES: Readonly<Record<string, Door>> = {
  "GET admin/payments.csv": route("admin/payments.csv", adminRoute),
  "GET admin/reports/[report]": route("admin/reports/books.csv", adminRoute),
  "GET admin/runs/[id]": route("admin/runs/[run]", adminRoute),
  "GET admin/users/[id]/ledger.csv": route("admin/users/[user]/ledger.csv", adminRoute),
  "GET auth/[...all]": route("auth/get-session", anyone),
  "POST auth/[...all]": route("auth/change-password", butNonsense(userRoute, 400), {
    currentPassword: "not the one it is",
    newPassword: "a sentence nobody uses",
  }),
  "POST bazi/readings": route("bazi/readings", butNonsense(userRoute, 400), {}),
  "GET checkout-status": route("checkout-status", butNonsense(userRoute, 404)),
  "GET credits/balance": route("credits/balance", userRoute),
  "POST credits/daily-signin": route("credits/daily-signin", butNonsense(userRoute, 201), {}),
  "GET credits/daily-signin/status": route("credits/daily-signin/status", userRoute),
  "GET credits/export": route("credits/export", userRoute),
  // These five ask for a proof of their own, which no person's session is.
  "POST dev/clock": route("dev/clock", nobody, {}),
  "POST dev/inbox-floor": route("dev/inbox-floor", all(400), {}),
  "GET distribute-credits": route("distribute-credits", all(401)),
  "GET jobs/tick": route("jobs/tick", all(401)),
  "POST webhooks/stripe": route("webhooks/stripe", all(400), {}),
  "GET health": route("health", anyone),
  "GET notifications": route("notifications", userRoute),
  "POST notifications/unsubscribe": route("notifications/unsubscribe?token=x", all(400), {}),
  "GET viewer": route("viewer", anyone),
};

export type ActionKind = "publicAction" | "userAction" | "adminAction";

/** By file below `src/app`, without `.ts`: what it exports and what each is built by. */
export const ACTIONS: Readonly<Record<string, Readonly<Record<string, ActionKind>>>> = {
  "[locale]/(admin)/admin/actions": {
    countOutstanding: "adminAction",
    startReconcile: "adminAction",
  },
  "[locale]/(admin)/admin/events/actions": {
    closeEvent: "adminAction",
    replayDeadEvents: "adminAction",
    replayEvent: "adminAction",
  },
  "[locale]/(admin)/admin/outbox/actions": {
    closeOutbox: "adminAction",
    resendOutbox: "adminAction",
  },
  "[locale]/(admin)/admin/runs/actions": {
    previewDistribution: "adminAction",
    retryFailure: "adminAction",
    startDistribution: "adminAction",
  },
  "[locale]/(admin)/admin/users/[id]/actions": {
    adjustCredits: "adminAction",
    endSession: "adminAction",
    setBanned: "adminAction",
    unfreezeAccount: "adminAction",
  },
  "[locale]/(app)/bazi/actions": {
    createReadingAction: "userAction",
    deleteReadingAction: "userAction",
    deleteSavedBirthAction: "userAction",
  },
  "[locale]/(app)/billing/actions": { openPortal: "userAction" },
  "[locale]/(app)/notices/actions": { markNoticesRead: "userAction" },
  "[locale]/(app)/settings/actions": {
    deleteMyAccount: "userAction",
    saveNoticePreferences: "userAction",
    saveSettings: "userAction",
    signOutOne: "userAction",
    signOutOthers: "userAction",
  },
  "[locale]/(auth)/unsubscribe/actions": { changeSubscription: "publicAction" },
  "purchase/actions": { startCheckout: "userAction" },
};

/** Files with an action inside a component, and the one action of the table above that it calls. */
export const INLINE_ACTIONS: Readonly<Record<string, string>> = {
  "[locale]/(auth)/unsubscribe/page.tsx": "changeSubscription",
};
