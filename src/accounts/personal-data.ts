/** The entries of the privacy page in order, with their legal bases. Texts: `legal.privacy.records`. */
export const PRIVACY_RECORDS = {
  account: ["contract"],
  signIns: ["contract", "interest"],
  apiKeys: ["contract"],
  content: ["contract"],
  credits: ["contract", "law"],
  payments: ["contract", "law"],
  withdrawals: ["law"],
  stripeReports: ["contract"],
  emails: ["contract"],
  notifications: ["contract"],
  freeCredits: ["interest"],
  attempts: ["interest"],
  staff: ["interest"],
} as const satisfies Readonly<Record<string, readonly LegalBasis[]>>;

export type PrivacyRecord = keyof typeof PRIVACY_RECORDS;
/** Article 6(1)(b), (c) and (f) of the GDPR. */
export type LegalBasis = "contract" | "law" | "interest";

/** What the deletion of an account does with a table of the site. */
export interface TableRule {
  /** The entry of the privacy page; null if the table says nothing about a person. */
  readonly record: PrivacyRecord | null;
  /** Columns that are emptied, cut to ids or reset; `"rows"`: the user's rows are deleted. */
  readonly removed: "rows" | readonly string[];
  /** Columns that stay: ids, amounts, states and times. Together with `removed`, all of the table's. */
  readonly kept: readonly string[];
}

/**
 * Every table of the site by its name in the database. The product's tables are its own: it deletes the
 * user's rows (`eraseRecords`), under the entry `content`.
 *
 * A test compares the list with the schema, and deletes a user with every column filled. Two kinds of
 * kept columns can name a person: `audit_log.reason`, typed by staff, and `audit_log.after`, which has
 * the network address of an admin's sign-in for a year.
 */
export const TABLE_RULES: Readonly<Record<string, TableRule>> = {
  user: {
    record: "account",
    removed: words(
      "name email emailVerified image role banReason locale timeZone twoFactorEnabled",
    ),
    kept: words(
      "id createdAt updatedAt banned banExpires stripeCustomerId credentialsEpoch deletedAt",
    ),
  },
  account: rows("account"),
  two_factor: rows("account"),
  passkey: rows("account"),
  session: rows("signIns"),
  sign_in_event: rows("signIns"),
  verification: rows("signIns"),
  api_service: rows("apiKeys"),
  apikey: rows("apiKeys"),
  rate_limit: kept("attempts", "id key count lastRequest"),

  credit_account: kept(
    "credits",
    "userId balance held debt version lastAllocation lastSettlement asOf openedAt frozenAt frozenReason lowBalance",
  ),
  credit_transaction: kept(
    "credits",
    `userId seq type operation amount balanceAfter idempotencyKey source lotSeq relatedSeq requested
    debtMade reversalId serviceId feature usage countedAt bookedAt effectiveAt`,
  ),
  credit_lot: kept(
    "credits",
    "userId seq type source amount remaining priority paid grantedAt expiresAt periodNumber isOpen",
  ),
  credit_hold: kept(
    "credits",
    `userId key amount captured source status releaseKey captureSeq serviceId feature usage rate overrun
    debtLimit heldAt expiresAt closedAt`,
  ),
  credit_hold_extension: kept(
    "credits",
    "userId key holdKey amount usage expiredAt expiresAt extendedAt",
  ),
  credit_unbilled: kept(
    "credits",
    `userId key holdKey serviceId feature usage overrun requested amount reason captureSeq balanceAfter
    at`,
  ),
  credit_allocation: kept(
    "credits",
    "userId number lotSeq amount transactionSeq holdKey fromAt toAt",
  ),
  credit_settlement: kept("credits", "userId number lotSeq revokeSeq amount at"),
  credit_schedule: kept(
    "credits",
    `userId id kind credits reversedCredits grace subscriptionId anchorAt nextN nextDueAt endsAt
    suspendedAt endedAt`,
  ),
  distribution_failure: kept("credits", "userId runId stage error sinceAt failedAt"),
  spend_limit: kept("credits", "id userId serviceId window amount isHard"),
  webhook_endpoint: kept(
    null,
    `id serviceId url events secret previousSecret previousSecretUntil createdAt failingSince
    disabledAt disabledBy`,
  ),
  credit_signal: kept("credits", "id userId kind facts at"),
  low_balance_default: kept(null, "id credits"),
  spend_count: kept(null, "limitId startsAt used"),
  daily_sign_in: rows("credits"),
  free_credit_claim: kept(
    "freeCredits",
    `userId personHash networkHash day claimedAt reason giftAt monthsFromAt verified releasedAt
    releasedBy lastSignInDay addressChangedAt deletedAt`,
  ),

  payment: {
    record: "payments",
    removed: words("receiptUrl"),
    kept: words(`userId id sessionId invoiceId item priceId quantity amountCents currency credits
      upgradeCredits monthEndsAt switchedFromPriceId switchedAt refundedCents disputedCents
      appliedReversals reversals isReversed refusal owedCents settledCents paymentIntentId
      subscriptionId memberFromAt memberUntilAt paidAt`),
  },
  checkout_session: {
    record: "payments",
    removed: words("url"),
    kept: words("id userId item status expiresAt createdAt"),
  },
  supply_consent: kept("payments", "sessionId userId item kind version locale text consentedAt"),
  withdrawal: {
    record: "withdrawals",
    removed: words("name email purchase"),
    kept: words("id userId contractId locale submittedAt status closedAt"),
  },
  subscription: {
    record: "payments",
    removed: words("cancellationComment"),
    kept: words(`id userId customerId priceId plan currency status currentPeriodStartAt
      currentPeriodEndAt cancelAt cancelAtPeriodEnd canceledAt endedAt trialEndAt scheduledItem
      scheduledAt createdAt fetchedAt`),
  },
  price_change: kept(
    "payments",
    `id userId subscriptionId fromPriceId toPriceId currency quantity status noticeEndsAt effectiveAt
    calledForAt createdAt closedAt`,
  ),
  trial: kept(
    "payments",
    `userId customerId subscriptionId item priceId credits startedAt endsAt firstChargeCents
    currency`,
  ),
  stripe_event: {
    record: "stripeReports",
    removed: words("payload rawBody lastError"),
    kept: words(`id type apiVersion anyVersion livemode trimmedAt objectId userId status outcome
      attempts createdAt receivedAt firstAttemptAt nextAttemptAt handledAt`),
  },
  outbox: {
    record: "emails",
    removed: words("payload lastError"),
    kept: words(`id kind idempotencyKey userId endpointId status attempts createdAt nextAttemptAt
      leasedUntil doneAt`),
  },
  notification: rows("notifications"),
  notification_preference: rows("notifications"),
  expiry_reminder: rows("notifications"),
  audit_log: kept("staff", "id actorId action targetUserId reason before after createdAt"),
  audit_result: kept("staff", "id auditId facts"),

  catalog_price: kept(
    null,
    `priceId currency amount item version kind owner tier interval credits expireDays graceHours
    trialDays trialCredits createdAt`,
  ),
  alert_sent: kept(null, "key sentAt"),
  clock_offset: kept(null, "id offsetMs"),
  credit_day_total: kept(null, "day type transactions creditsIn creditsOut"),
  credit_roll_up: kept(null, "id rolledTo nextTo nextXid"),
  distribution_run: kept(
    null,
    `id status asOf usersCount processedCount errorCount expiredCount grantedCredits expiredCredits
    lastError startedAt updatedAt finishedAt alertedAt`,
  ),
  lot_month: kept(null, "month granted expired countedAt"),
  member_month: kept(null, "month members newMembers countedAt"),
  nightly_work: kept(null, "name claimedUntil doneAt"),
  outstanding_count: kept(null, "id countedAt available held debt"),
  outstanding_count_type: kept(null, "countId type available"),
  reconciliation: kept(
    null,
    "id startedAt updatedAt finishedAt usersChecked reachedUser driftedUsers alertedCount",
  ),
  reminder_progress: kept(null, "id reachedAt fullWalkAt"),
  stripe_backfill: kept(null, "id completeUntilAt"),
  tick_calls: kept(null, "id lastAt seriesStartedAt regularAt"),
};

function rows(record: PrivacyRecord): TableRule {
  return { record, removed: "rows", kept: [] };
}

function kept(record: PrivacyRecord | null, columns: string): TableRule {
  return { record, removed: [], kept: words(columns) };
}

/** Keeps the list readable: an array would take a line for each name. */
function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
