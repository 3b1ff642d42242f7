import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from '../../src/cli/run-cli.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sherd-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written): { write(text: string): boolean } => ({
    write(text) {
      written[name] += stripVTControlCharacters(text);
      return true;
    },
  });
  // cac prints its help there.
  const help = vi.spyOn(console, 'info').mockImplementation((text) => void stream('stdout').write(String(text)));
  const exitCode = await runCli(args, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    programPath: join(folder, 'main.js'),
    workingFolder: folder,
    env,
    version: '1.2.3',
  });
  help.mockRestore();
  return { exitCode, ...written };
}

test('help names the commands, version the version', async () => {
  const help = await run(['--help']);
  expect(help).toMatchObject({ exitCode: 0, stderr: '' });
  for (const command of ['demo', 'explain', 'local-server', 'simulate']) expect(help.stdout).toContain(command);
  expect((await run(['demo', '--help'])).stdout).toContain('--capacity');
  expect(await run(['--version'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1.2.3') });
});

test.each([
  [[], 'no command given'],
  [['dmeo'], "unknown command 'dmeo'. Did you mean demo?"],
  [['demo', '--nope'], 'Unknown option `--nope`'],
  [['demo', 'extra'], 'Unused args: `extra`'],
  [['demo', '--out'], 'option `--out <folder>` value is missing'],
  [['demo', '--seed', 'x'], 'seed: expected a whole number'],
  [['demo', '--seed', '1', '--seed', '2'], 'seed: expected a whole number'],
  [['demo', '--seconds', '1'], 'seconds: expected a whole number from 4'],
  [['demo', '--capacity', '10%'], 'capacity: expected --trace beside it'],
  [['demo', '--model', 'm'], 'model: expected a real provider beside it'],
  [['demo', '--provider', 'opnai'], "provider: expected one of 'openai'"],
  [['demo', '--trace', 'f', '--quick'], 'quick: expected nothing of a run beside --trace'],
  [['demo', '--trace', 'f', '--ttl', 'soon'], 'ttl: expected a duration'],
  [['demo', '--verify', 'f', '--trace', 'g'], 'trace: expected nothing beside --verify'],
  [['local-server', '--port', '70000'], 'port: expected a whole number from 0 to 65535'],
  [['explain', '--json', '--json'], 'json: expected the flag once'],
  [['simulate', '--seeds', '0'], 'seeds: expected a whole number from 1'],
  [['simulate', '--client', 'rcae'], "client: expected one of 'guarded'"],
])('%j is refused with exit code 2 and a word why', async (args, complaint) => {
  const { exitCode, stdout, stderr } = await run(args);
  expect(stderr).toContain(complaint);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
});

test('all mistakes of one command line are told at once', async () => {
  const { stderr } = await run(['demo', '--seed', 'x', '--seconds', '0', '--ttl', '5m']);
  expect(stderr).toContain('3 problems');
});

test('a trace is replayed under every policy, as a table and as JSON', async () => {
  const trace = join(folder, 'trace.txt');
  await writeFile(trace, Array.from({ length: 3000 }, (_, i) => `key-${(i * i) % 97}`).join('\n'));
  const table = await run(['demo', '--trace', trace, '--capacity', '50%', '--seed', '3']);
  expect(table.exitCode).toBe(0);
  expect(table.stdout).toContain('3,000 requests, 49 unique keys, capacity 25 entries, no expiry, seed 3');
  for (const policy of ['lru', 'lfu', 'fifo', 'random', 'sieve', 's3-fifo', 'w-tinylfu', 'adaptive'])
    expect(table.stdout).toContain(policy);

  const { stdout } = await run(['demo', '--trace', trace, '--capacity', '25', '--json']);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ capacity: 25, requests: 3000, uniqueKeys: 49, ttlMs: 0 });
  expect(report.results).toHaveLength(16);
  for (const { hits, hitRatio } of report.results) expect(hitRatio).toBe(hits / 3000);
});

test('a trace that is not there is a failure, not a misuse', async () => {
  expect(await run(['demo', '--trace', join(folder, 'absent.txt')])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('cannot be read'),
  });
});

test('explain shows each option with its value and who set it, profiles of the environment included', async () => {
  const plain = await run(['explain']);
  expect(plain.exitCode).toBe(0);
  expect(plain.stdout).toMatch(/withShardCount +32 +default/);
  const tuned = JSON.parse((await run(['explain', '--json'], { SHERD_CACHE_PROFILE: 'write-heavy' })).stdout);
  const row = tuned.find((entry: { setting: string }) => entry.setting === 'evictionPolicy');
  expect(row).toMatchObject({ scope: 'cache', value: 'fifo', setBy: 'SHERD_CACHE_PROFILE' });
  expect(await run(['explain'], { SHERD_LLM_PROFILE: 'chta' })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('chat'),
  });
});
