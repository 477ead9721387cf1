export { type Client, type ClientOptions, createClient } from "./client";
export { ApiError, ConnectionError } from "./errors";
export type { Problem } from "./requests";
export type { components } from "./schema";
