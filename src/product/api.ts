import { type ZodObject, type ZodRawShape, z } from "zod";
import type { Database } from "@/db/client";
import type { AppError } from "@/lib/errors";
import type { Locale } from "@/lib/locales";

/** What an operation of the product knows about its request. The site has checked the key and its scope. */
export interface ProductCall {
  readonly db: Database;
  readonly userId: string;
  /** The language of the response. */
  readonly locale: Locale;
  readonly now: Date;
}

/** A paid operation. */
export interface ChargedCall extends ProductCall {
  /** The service that asks. Pass it to `withCharge`, so that its limits apply. */
  readonly serviceId: string;
  /** A UUID for the result. A repeated request has the same one. */
  readonly id: string;
  readonly clock: () => Date;
}

interface Described<Input extends ZodObject, Result extends ZodObject> {
  /** Unique among all operations, such as `listCards`. Names the method of the typed client. */
  readonly operationId: string;
  /** A sentence without a period. */
  readonly summary: string;
  readonly description: string;
  /** The group in the reference. */
  readonly tag: string;
  /** Parses the query of a GET and the body of a POST. Refuses unknown fields; has no `user` or `locale`. */
  readonly input: Input;
  readonly result: Result;
  /** A request and its response, as the reference shows them. */
  readonly example: { readonly input?: object; readonly result: object };
  /** Its own errors, as the reference shows them. */
  readonly problems?: readonly AppError[];
}

/** `GET /cards`: a list. */
interface ListOperation<Input extends ZodObject, Result extends ZodObject>
  extends Described<Input, Result> {
  readonly kind: "list";
  run(call: ProductCall, input: z.output<Input>): Promise<z.input<Result>>;
}

/** `GET /cards/{id}`: one object of the user. */
interface ItemOperation<Input extends ZodObject, Result extends ZodObject>
  extends Described<Input, Result> {
  readonly kind: "item";
  /** @throws NotFound */
  run(call: ProductCall & { readonly id: string }): Promise<z.input<Result>>;
}

/** `POST /cards`: paid work, charged by `withCharge` under `call.id`. */
interface ChargedOperation<Input extends ZodObject, Result extends ZodObject>
  extends Described<Input, Result> {
  readonly kind: "charge";
  /**
   * Makes the result, or returns the one that exists. `created` as `withCharge` returns it.
   * @throws InvalidInput with the `field`; IdempotencyConflict if the id belongs to another input
   */
  run(
    call: ChargedCall,
    input: z.output<Input>,
  ): Promise<{ readonly result: z.input<Result>; readonly created: boolean }>;
}

export type ProductOperation<
  Input extends ZodObject = ZodObject,
  Result extends ZodObject = ZodObject,
> = ListOperation<Input, Result> | ItemOperation<Input, Result> | ChargedOperation<Input, Result>;

/** What the product offers through the API: operations by path below `/api/v1` and method. */
export type ProductApi = Readonly<
  Record<`/${string}`, Readonly<Partial<Record<"get" | "post", ProductOperation>>>>
>;

/** Infers the types of one operation. */
export const productOperation = <Input extends ZodRawShape, Result extends ZodRawShape>(
  described: ProductOperation<ZodObject<Input>, ZodObject<Result>>,
): ProductOperation => described;

/** The size of a page in a query: 1 to 100. */
export const pageLimit = z
  .string()
  .regex(/^0*([1-9]\d?|100)$/, "Ask for 1 to 100 entries.")
  .transform(Number)
  .meta({ override: { type: "integer", minimum: 1, maximum: 100, pattern: undefined } })
  .optional();
