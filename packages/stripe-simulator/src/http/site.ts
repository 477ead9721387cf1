import type { IncomingHttpHeaders } from "node:http";
import type { Control } from "../control";
import type { Simulation } from "../simulation";

/** What the server serves: the account and its controls. */
export interface Site {
  sim: Simulation;
  control: Control;
  secretKey: string;
}

export interface HttpRequest {
  method: string;
  path: string;
  query: string;
  body: string;
  headers: IncomingHttpHeaders;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}
