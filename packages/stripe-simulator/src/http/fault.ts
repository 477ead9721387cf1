/** An error in Stripe's format (https://docs.stripe.com/api/errors). */
export class StripeFault extends Error {
  readonly status: number;

  constructor(
    private readonly fault: {
      status?: number;
      type?: "invalid_request_error" | "idempotency_error" | "api_error";
      code?: string;
      param?: string;
      message: string;
    },
  ) {
    super(fault.message);
    this.status = fault.status ?? 400;
  }

  body(): object {
    const { type = "invalid_request_error", code, param, message } = this.fault;
    return { error: { type, code, param, message } };
  }
}

export function missing(objectName: string, id: string, param = "id"): StripeFault {
  const status = param === "id" ? 404 : 400;
  const message = `No such ${objectName}: '${id}'`;
  return new StripeFault({ status, code: "resource_missing", param, message });
}

export function invalid(message: string, param?: string, code?: string): StripeFault {
  return new StripeFault({ message, ...(param && { param }), ...(code && { code }) });
}

/** A server error. */
export function outageFault(): StripeFault {
  const message = "An error occurred within Stripe. (A planned failure of the simulator.)";
  return new StripeFault({ status: 500, type: "api_error", message });
}

/** Returns the row with this id, or throws Stripe's `resource_missing`. */
export function rowOf<T>(table: Map<string, T>, objectName: string, id: string, param = "id"): T {
  const row = table.get(id);
  if (row === undefined) {
    throw missing(objectName, id, param);
  }
  return row;
}
