import { describe, it } from "vitest";
import { checkSequences } from "./check-sequences";

describe("billing", () => {
  it("matches the oracle on random histories with odd seeds", () => checkSequences(0), 0);
});
