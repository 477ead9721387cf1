import { expect, test } from "vitest";
import { isAlive } from "../../dev/postgres/process-table";
import { runFixture, until } from "./run-fixture";

const obedient = "console.log(process.pid); setInterval(() => {}, 1000)";
const mortal = "console.log(process.pid); setTimeout(() => process.exit(3), 300)";

const childPidOf = (readyLine: string) => Number(readyLine.replace("ready ", ""));

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends everything in reverse order",
  async (signal) => {
    const fixture = runFixture("supervise", obedient);
    const childPid = childPidOf(await fixture.line("ready"));
    expect(await fixture.kill(signal)).toBe(0);
    expect(fixture.lines.slice(1)).toEqual(["closed child", "closed second", "closed first"]);
    expect(isAlive(childPid)).toBe(false);
  },
);

test("stops everything and names the child when a child dies", async () => {
  const fixture = runFixture("supervise", mortal);
  await until(() => fixture.process.exitCode !== null, "the supervisor to end");
  expect(fixture.process.exitCode).toBe(1);
  expect(fixture.lines).toContain(
    "The child exited unexpectedly (exit code 3); stopping everything else.",
  );
  expect(fixture.lines.slice(-2)).toEqual(["closed second", "closed first"]);
});

test("leaves no child behind after kill -9", async () => {
  const fixture = runFixture("supervise", obedient);
  const childPid = childPidOf(await fixture.line("ready"));
  await fixture.kill("SIGKILL");
  await until(() => !isAlive(childPid), "the orphaned child to end");
});
