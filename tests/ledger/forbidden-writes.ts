/** Has debt, so all of its lots are empty. */
export const DEBTOR = "protected";
/** Has no debt and an open hold. */
export const SOLVENT = "solvent";

/** The tables whose rows cannot be deleted or, where listed, updated. */
export const appendOnly = (
  [
    ["credit_transaction", "append_only", ["UPDATE", "DELETE", "TRUNCATE"]],
    ["credit_settlement", "append_only", ["UPDATE", "DELETE", "TRUNCATE"]],
    ["credit_hold_extension", "append_only", ["UPDATE", "DELETE", "TRUNCATE"]],
    ["credit_unbilled", "append_only", ["UPDATE", "DELETE", "TRUNCATE"]],
    ["credit_allocation", "append_only", ["DELETE", "TRUNCATE"]],
    ["credit_lot", "never_deleted", ["DELETE", "TRUNCATE"]],
    ["credit_account", "never_deleted", ["DELETE", "TRUNCATE"]],
    ["credit_hold", "never_deleted", ["DELETE", "TRUNCATE"]],
  ] as const
).flatMap(([table, trigger, events]) => events.map((event) => ({ table, trigger, event })));

/** The columns of an insert, without generated ones. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  credit_account: ["user_id", "as_of"],
  credit_transaction: [
    "user_id",
    "seq",
    "type",
    "operation",
    "amount",
    "balance_after",
    "idempotency_key",
    "source",
    "booked_at",
    "effective_at",
  ],
  credit_lot: ["user_id", "seq", "type", "source", "amount", "remaining", "paid", "granted_at"],
  credit_hold: ["user_id", "key", "amount", "source", "release_key", "held_at", "expires_at"],
  credit_hold_extension: [
    "user_id",
    "key",
    "hold_key",
    "amount",
    "expired_at",
    "expires_at",
    "extended_at",
  ],
  credit_unbilled: [
    "user_id",
    "key",
    "hold_key",
    "overrun",
    "requested",
    "amount",
    "reason",
    "balance_after",
    "at",
  ],
  credit_allocation: [
    "user_id",
    "number",
    "lot_seq",
    "amount",
    "transaction_seq",
    "hold_key",
    "from_at",
    "to_at",
  ],
  credit_settlement: ["user_id", "number", "lot_seq", "revoke_seq", "amount", "at"],
  credit_schedule: ["user_id", "id", "kind", "credits", "anchor_at", "next_n"],
};

const ofSolvent = `where user_id = '${SOLVENT}'`;

/** For each CHECK, statements that violate it and no other. */
export const violations = [
  ["credit_account_held", `update credit_account set held = -1 ${ofSolvent}`],
  ["credit_account_debt", `update credit_account set debt = -1, balance = 1 ${ofSolvent}`],
  ["credit_account_not_overdrawn", `update credit_account set balance = -1 ${ofSolvent}`],
  [
    "credit_account_debt_means_empty",
    `update credit_account set balance = balance + 1 where user_id = '${DEBTOR}'`,
  ],
  ["credit_account_debt_means_empty", `update credit_account set debt = 1 ${ofSolvent}`],
  [
    "credit_transaction_not_zero",
    copyOf("credit_transaction", "seq = 1", { seq: 999, amount: 0, idempotency_key: "'new'" }),
  ],
  ["credit_lot_remaining", `update credit_lot set remaining = -1 ${ofSolvent}`],
  ["credit_lot_remaining", `update credit_lot set remaining = amount + 1 ${ofSolvent}`],
  ["credit_lot_amount", copyOf("credit_lot", "seq = 1", { seq: 999, amount: 0, remaining: 0 })],
  ["credit_hold_overrun", `update credit_hold set captured = amount + 1 ${ofSolvent}`],
  ["credit_hold_debt_limit", `update credit_hold set debt_limit = -1 ${ofSolvent}`],
  ["credit_hold_amount", `update credit_hold set captured = -1 ${ofSolvent}`],
  ["credit_hold_amount", `update credit_hold set amount = 0, captured = 0 ${ofSolvent}`],
  ["credit_unbilled_amount", copyOf("credit_unbilled", "true", { amount: 0 })],
  ["credit_unbilled_amount", copyOf("credit_unbilled", "true", { amount: "requested + 1" })],
  ["credit_hold_order", `update credit_hold set expires_at = held_at ${ofSolvent}`],
  ["credit_hold_extension_amount", copyOf("credit_hold_extension", "true", { amount: -1 })],
  [
    "credit_hold_extension_order",
    copyOf("credit_hold_extension", "true", { expires_at: "expired_at - interval '1 second'" }),
  ],
  ["credit_allocation_amount", copyOf("credit_allocation", "transaction_seq = 3", { amount: 0 })],
  [
    "credit_allocation_owner",
    copyOf("credit_allocation", "transaction_seq = 3", { hold_key: "'h'" }),
  ],
  [
    "credit_allocation_owner",
    copyOf("credit_allocation", "transaction_seq = 3", { transaction_seq: "null" }),
  ],
  ["credit_settlement_amount", copyOf("credit_settlement", "true", { amount: 0 }, DEBTOR)],
  ["credit_schedule_credits", `update credit_schedule set credits = 0 ${ofSolvent}`],
  ["credit_schedule_next", `update credit_schedule set next_n = -1 ${ofSolvent}`],
  ["spend_limit_subject", insertLimits("null, 'day', 1")],
  ["spend_limit_amount", insertLimits("'x', 'day', -1")],
  ["credit_account_low_balance", `update credit_account set low_balance = 0 ${ofSolvent}`],
  ["low_balance_default_credits", "update low_balance_default set credits = 0"],
  ["low_balance_default_one_row", "insert into low_balance_default values (2, 30)"],
  ["spend_count_used", "insert into spend_count values (gen_random_uuid(), now(), -1)"],
].map(([constraint = "", statement = ""]) => ({ constraint, statement }));

/** For each unique index, a duplicate row that no other index refuses. */
export const duplicates = [
  ["credit_account_pkey", copyOf("credit_account", "true", {})],
  [
    "credit_transaction_user_id_seq_pk",
    copyOf("credit_transaction", "seq = 1", { idempotency_key: "'new'" }),
  ],
  ["credit_transaction_key", copyOf("credit_transaction", "seq = 1", { seq: 999 })],
  ["credit_lot_user_id_seq_pk", copyOf("credit_lot", "seq = 1", {})],
  ["credit_hold_user_id_key_pk", copyOf("credit_hold", "key = 'h'", { release_key: "null" })],
  ["credit_hold_release_key", copyOf("credit_hold", "key = 'h'", { key: "'new'" })],
  ["credit_unbilled_user_id_key_pk", copyOf("credit_unbilled", "true", {})],
  ["credit_hold_extension_user_id_key_pk", copyOf("credit_hold_extension", "true", {})],
  [
    "credit_allocation_user_id_lot_seq_number_pk",
    copyOf("credit_allocation", "transaction_seq = 3", {}),
  ],
  ["credit_settlement_user_id_number_pk", copyOf("credit_settlement", "true", {}, DEBTOR)],
  ["credit_schedule_user_id_id_pk", copyOf("credit_schedule", "true", {})],
  ["spend_limit_window", insertLimits("'x', 'day', 1", "'x', 'day', 2")],
  [
    "spend_limit_pkey",
    `insert into spend_limit (id, user_id, "window", amount, is_hard)
      select 'f0000000-0000-4000-8000-000000000000', 'x', w, 1, true
      from unnest(array['day', 'month']::spend_window[]) w`,
  ],
  ["low_balance_default_pkey", "insert into low_balance_default values (1, 30)"],
  [
    "credit_signal_pkey",
    `insert into credit_signal (id, user_id, kind, facts, at)
      select 'f0000000-0000-4000-8000-000000000000', 'x', 'balance-low', '{}', now()
      from generate_series(1, 2)`,
  ],
  [
    "spend_count_limit_id_starts_at_pk",
    `insert into spend_count select 'f0000000-0000-4000-8000-000000000000', now(), n
      from generate_series(1, 2) n`,
  ],
].map(([index = "", statement = ""]) => ({ index, statement }));

/** Builds an insert of limits of users: `user_id, window, amount` each. */
function insertLimits(...rows: readonly string[]): string {
  const values = rows.map((row) => `(${row}, true)`).join(", ");
  return `insert into spend_limit (user_id, "window", amount, is_hard) values ${values}`;
}

/** Builds an insert that copies a user's row with other values for some columns. */
function copyOf(
  table: string,
  which: string,
  changes: Readonly<Record<string, string | number>>,
  userId = SOLVENT,
): string {
  const columns = COLUMNS[table] ?? [];
  const values = columns.map((column) => changes[column] ?? column);
  return `insert into ${table} (${columns.join(", ")})
    select ${values.join(", ")} from ${table}
    where user_id = '${userId}' and ${which} limit 1`;
}
