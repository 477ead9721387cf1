import type { Control } from "../control";
import type { Simulation } from "../simulation";

/** What the server serves: the account, and what people can make happen to it. */
export interface Site {
  sim: Simulation;
  control: Control;
  secretKey: string;
}
