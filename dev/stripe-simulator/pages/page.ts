import type { IncomingHttpHeaders } from "node:http";
import type { Control } from "../control";
import type { Simulation } from "../simulation";

/** What the server serves: the account, and what people can make happen to it. */
export interface Site {
  sim: Simulation;
  control: Control;
  secretKey: string;
}

export interface PageRequest {
  method: string;
  path: string;
  body: string;
  headers: IncomingHttpHeaders;
}

/** What a page answers: markup, or where to go next. */
export type PageAnswer = { markup: string; status?: number } | { location: string };
