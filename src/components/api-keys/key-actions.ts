import type { RenderedFor } from "@/lib/rendered-for";
import type { NewService, ServiceCap } from "@/public-api/services";
import type { ActionResult } from "../call-action";

/** The server actions behind a list of keys. `id` names the act, so that it is carried out once. */
export interface KeyActions {
  readonly create: (
    renderedFor: RenderedFor,
    input: Mutable<NewService> & { id: string },
  ) => Promise<ActionResult<unknown>>;
  readonly rotate: (
    renderedFor: RenderedFor,
    input: {
      id: string;
      serviceId: string;
      overlapHours: 0 | 1 | 24 | 72;
      expiresInDays: number | null;
    },
  ) => Promise<ActionResult<unknown>>;
  readonly changeCap: (
    renderedFor: RenderedFor,
    input: {
      id: string;
      serviceId: string;
      cap: ServiceCap;
      /** Services of the site only. */
      requestsPerMinute?: number | null;
    },
  ) => Promise<ActionResult<unknown>>;
  readonly revoke: (
    renderedFor: RenderedFor,
    input: { id: string; serviceId: string },
  ) => Promise<ActionResult<unknown>>;
}

type Mutable<Row> = {
  -readonly [Name in keyof Row]: Row[Name] extends readonly (infer Item)[] ? Item[] : Row[Name];
};
