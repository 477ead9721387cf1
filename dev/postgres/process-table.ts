import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

export type ProcessEntry = {
  readonly parentPid: number;
  /** Empty for a zombie, a process that has ended and waits to be reaped. */
  readonly commandLine: string;
};

const hasProc = existsSync("/proc/self/stat");

/** Whether a process with this pid is running, under any user. A zombie is not. */
export function isAlive(pid: number): boolean {
  if (hasProc) return (describeFromProc(pid)?.commandLine ?? "") !== "";
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Parent and command line of a process; null if there is none with this pid. */
export function describeProcess(pid: number): ProcessEntry | null {
  return hasProc ? describeFromProc(pid) : describeFromPs(pid);
}

/**
 * Pids of the processes whose working directory is `directory`. Every process of a Postgres server
 * works in its data directory. Empty where there is no /proc (macOS).
 */
export function processesWorkingIn(directory: string): number[] {
  if (!hasProc) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readLinkOrNull(`/proc/${pid}/cwd`) === directory);
}

function describeFromProc(pid: number): ProcessEntry | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // "pid (name) state ppid …"; the name may contain spaces and parentheses.
    const [, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { parentPid: Number(parentPid), commandLine };
  } catch {
    return null;
  }
}

function describeFromPs(pid: number): ProcessEntry | null {
  const { stdout } = spawnSync("ps", ["-ww", "-o", "ppid=,stat=,args=", "-p", String(pid)], {
    encoding: "utf8",
  });
  const match = /^\s*(\d+)\s+(\S+)\s+(.*)$/m.exec(stdout ?? "");
  if (match === null) return null;
  const [, parentPid, state = "", args = ""] = match;
  return { parentPid: Number(parentPid), commandLine: state.startsWith("Z") ? "" : args };
}

function readLinkOrNull(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
