/** Runs a program as CI would and keeps what it said. Never throws for an exit code. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  readonly code: number;
  /** stdout and stderr, lines trimmed. */
  readonly lines: readonly string[];
}

/** Runs scripts/`name` on the tree at `root`. */
export function runScript(name: string, root: string = ROOT, ...args: readonly string[]): Promise<Outcome> {
  return run(process.execPath, [`${ROOT}/scripts/${name}`, root, ...args], ROOT);
}

export function run(program: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, maxBuffer: 2 ** 26 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? 1, lines: `${stdout}\n${stderr}`.split('\n').map((line) => line.trim()) });
    });
  });
}
