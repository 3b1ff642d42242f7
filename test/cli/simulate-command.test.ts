import { expect, test } from 'vitest';
import { runSimulateCommand } from '../../src/cli/simulate-command.js';
import { type SimulatedSetting, simulatedSettings } from '../../src/testing/simulated-clients.js';
import type { Oracle } from '../../src/testing/simulation.js';

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(flags: Readonly<Record<string, unknown>>, settings?: readonly SimulatedSetting[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written): { write(text: string): boolean } => ({
    write(text) {
      written[name] += text;
      return true;
    },
  });
  const io = { stdout: stream('stdout'), stderr: stream('stderr'), programPath: '', workingFolder: '.' };
  const exitCode = await runSimulateCommand(flags, { ...io, env: {}, version: '' }, settings);
  return { exitCode, ...written };
}

test('a seed that is replayed prints every event, the same each time', async () => {
  const first = await run({ client: 'guarded', seed: 123 });
  expect(await run({ client: 'guarded', seed: 123 })).toEqual({ ...first, stderr: expect.any(String) });
  expect(first.exitCode).toBe(0);
  const lines = first.stdout.split('\n');
  expect(lines[0]).toMatch(/^1\t\d/);
  const events = lines.filter((line) => /^\d+\t/.test(line)).length;
  expect(events).toBeGreaterThan(200);
  expect(first.stdout).toContain(`guarded, seed 123: ${events} events`);
  expect((await run({ client: 'guarded', seed: 124 })).stdout).not.toBe(first.stdout);
});

test('many seeds are run for every client, with the progress on stderr', async () => {
  const { exitCode, stdout, stderr } = await run({ seeds: 2, seed: 7 });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^2 seeds of each client from 7, [\d,]+ events: every promise was kept\n$/);
  expect(stderr).toContain(`${simulatedSettings[0]?.name}: 0 of 2 seeds`);
});

test('a promise that is broken ends the run with exit code 1, the oracle, and the trace that its seed shows again', async () => {
  const noCuts: Oracle = {
    name: 'no-cuts',
    watch: () => ({
      after: (event) =>
        event.kind === 'attempt-ended' && event.attempt.fault === 'cut' ? 'an attempt was cut' : undefined,
    }),
  };
  const [guarded] = simulatedSettings;
  const strict = [{ ...(guarded as SimulatedSetting), scenario: { faults: { cut: 0.3 } }, oracles: [noCuts] }];
  const found = await run({ seeds: 20 }, strict);
  expect(found.exitCode).toBe(1);
  const [, seed] = /^guarded, seed (\d+): \d+ events/m.exec(found.stdout) ?? [];
  const broken = found.stdout.split('\n').filter((line) => line.startsWith('BROKEN no-cuts at event '));
  expect(broken).toHaveLength(2);
  expect(broken[1]).toBe(broken[0]);
  // It stands right after the event that broke it.
  const [, event] = /at event (\d+)/.exec(broken[0] ?? '') ?? [];
  expect(found.stdout).toMatch(new RegExp(`^${event}\\t.* cut failed\\n${broken[0]}$`, 'm'));
  const again = await run({ seed: Number(seed) }, strict);
  expect([again.exitCode, again.stdout]).toEqual([1, found.stdout]);
});
