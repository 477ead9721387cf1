/** A refusal in Stripe's error format (https://docs.stripe.com/api/errors). */
export class StripeFault extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly param: string | undefined;

  constructor(options: {
    status?: number;
    type?: string;
    code?: string;
    param?: string;
    message: string;
  }) {
    super(options.message);
    this.status = options.status ?? 400;
    this.type = options.type ?? "invalid_request_error";
    this.code = options.code;
    this.param = options.param;
  }

  body(): object {
    const { type, code, param, message } = this;
    return { error: { type, code, param, message } };
  }
}

export function missing(noun: string, id: string, param = "id"): StripeFault {
  const status = param === "id" ? 404 : 400;
  const message = `No such ${noun}: '${id}'`;
  return new StripeFault({ status, code: "resource_missing", param, message });
}

export function invalid(message: string, param?: string, code?: string): StripeFault {
  return new StripeFault({ message, ...(param && { param }), ...(code && { code }) });
}

/** Stripe itself failed. */
export function outageFault(): StripeFault {
  const message = "An error occurred within Stripe. (The simulator was told so.)";
  return new StripeFault({ status: 500, type: "api_error", message });
}

/** The row of this id, or the refusal Stripe gives when there is none. */
export function rowOf<T>(table: Map<string, T>, noun: string, id: string, param = "id"): T {
  const row = table.get(id);
  if (row === undefined) {
    throw missing(noun, id, param);
  }
  return row;
}
