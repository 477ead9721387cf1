import { describe, expect, it } from "vitest";
import { isAlive } from "../../../dev/postgres/process-table";
import { runFixture, until } from "../run-fixture";

const runsForever = "console.log(process.pid); setInterval(() => {}, 1000)";
const exitsSoon = "console.log(process.pid); setTimeout(() => process.exit(3), 300)";

const childPidOf = (readyLine: string) => Number(readyLine.replace("ready ", ""));

describe("Supervisor", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "stops everything in reverse order on %s",
    async (signal) => {
      const fixture = runFixture("supervise", runsForever);
      const childPid = childPidOf(await fixture.line("ready"));
      expect(await fixture.kill(signal)).toBe(0);
      expect(fixture.lines.slice(1)).toEqual(["closed child", "closed second", "closed first"]);
      expect(isAlive(childPid)).toBe(false);
    },
  );

  it("stops everything and names the child that exits unexpectedly", async () => {
    const fixture = runFixture("supervise", exitsSoon);
    await until(() => fixture.process.exitCode !== null, "the supervisor to end");
    expect(fixture.process.exitCode).toBe(1);
    expect(fixture.lines).toContain(
      "The child exited unexpectedly (exit code 3); stopping everything else.",
    );
    expect(fixture.lines.slice(-2)).toEqual(["closed second", "closed first"]);
  });

  it("leaves no child behind after kill -9", async () => {
    const fixture = runFixture("supervise", runsForever);
    const childPid = childPidOf(await fixture.line("ready"));
    await fixture.kill("SIGKILL");
    await until(() => !isAlive(childPid), "the orphaned child to end");
  });
});
