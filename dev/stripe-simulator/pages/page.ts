import type { IncomingHttpHeaders } from "node:http";

export interface PageRequest {
  method: string;
  path: string;
  body: string;
  headers: IncomingHttpHeaders;
}

/** What a page answers: markup, or where to go next. */
export type PageAnswer = { markup: string; status?: number } | { location: string };
