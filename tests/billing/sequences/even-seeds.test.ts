import { describe, it, vi } from "vitest";
import { checkSequences } from "./check-sequences";

vi.mock("@/catalog/catalog", () => import("./catalog"));

describe("billing", () => {
  it("matches the oracle on random histories with even seeds", () => checkSequences(1), 0);
});
