/** Requests and responses as the reference shows them, by operation. A test parses them. */

const limit = {
  window: "day",
  limit: 500,
  remaining: 460,
  hard: true,
  resets_at: "2026-12-01T00:00:00.000Z",
};
export const written = { key: "job-17", user: "usr_8f2k", replayed: false, limit };
const booking = {
  ...written,
  number: 42,
  amount: -5,
  balance_after: 115,
  booked_at: "2026-11-30T12:00:00.000Z",
};

export const balance = {
  result: { user: "usr_8f2k", available: 115, held: 20, debt: 0, frozen: false, limit },
};

export const check = {
  input: { feature: "image", amount: 20 },
  result: {
    allowed: false,
    reason: "insufficient_credits",
    required: 20,
    available: 15,
    limit: null,
  },
};

export const spend = { input: { amount: 5, reference: "job-17" }, result: booking };

export const spendBatch = {
  input: {
    spends: [
      { key: "call-1", user: "usr_8f2k", amount: 5 },
      { key: "call-2", user: "usr_3k9x", amount: 20 },
    ],
  },
  result: {
    results: [
      { key: "call-1", booking: { ...booking, key: "call-1" }, problem: null },
      {
        key: "call-2",
        booking: null,
        problem: {
          type: "urn:qiflow:problem:insufficient_credits",
          title: "insufficient credits",
          status: 402,
          detail: "20 credits are required; 15 are available.",
          code: "insufficient_credits",
          request_id: "3f0e6c1a-7f0b-4a55-9d0f-2f6f1a9b7c10",
          required: 20,
          available: 15,
        },
      },
    ],
  },
};

export const refund = {
  input: { amount: 2 },
  result: { ...booking, key: "job-17:refund", number: 43, amount: 2, balance_after: 117 },
};

export const hold = {
  input: { amount: 20, reference: "job-18", expires_in_seconds: 600 },
  result: {
    ...written,
    key: "job-18",
    amount: 20,
    held_at: "2026-11-30T12:00:00.000Z",
    expires_at: "2026-11-30T12:10:00.000Z",
  },
};

export const extension = {
  input: { amount: 10, expires_in_seconds: 1200 },
  result: {
    ...written,
    key: "job-18:more",
    amount: 10,
    extended_at: "2026-11-30T12:05:00.000Z",
    expires_at: "2026-11-30T12:25:00.000Z",
  },
};

export const capture = {
  input: { amount: 12 },
  result: {
    ...booking,
    key: "job-18:capture",
    amount: -12,
    balance_after: 103,
    unbilled: null,
  },
};

export const release = {
  input: {},
  result: { ...written, key: "job-18:release", released: 20, status: "released" },
};

export const usage = {
  result: {
    user: "usr_8f2k",
    usage: [
      {
        day: "2026-11-30",
        feature: null,
        service: "svc_4hT0aZ2bQx81LmNp",
        spent: 17,
        refunded: 2,
        spends: 2,
        units: {},
        unbilled: 0,
      },
    ],
  },
};

export const transactions = {
  result: {
    user: "usr_8f2k",
    transactions: [
      {
        number: 42,
        type: "USAGE",
        amount: -5,
        balance_after: 115,
        source: "api:svc_4hT0aZ2bQx81LmNp:job-17",
        feature: null,
        service: "svc_4hT0aZ2bQx81LmNp",
        key: "job-17",
        booked_at: "2026-11-30T12:00:00.000Z",
        effective_at: "2026-11-30T12:00:00.000Z",
      },
    ],
    next_before: "42",
  },
};
