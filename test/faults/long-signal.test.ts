/**
 * Issue 19 at length, in process and over loopback: one signal that outlives its calls, and sinks that all throw. A
 * million: `npm run load:signal`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

test.each([
  ['in process', '100000'],
  ['over loopback', '2000'],
])('one signal over many calls %s: listeners, sockets and timers are back to none', (where, calls) => {
  const args = ['--expose-gc', 'bench/load/signal.mjs', where === 'in process' ? 'process' : 'loopback', calls];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const result = JSON.parse(stdout) as { aborted: number; contained: number; descriptors: number | null };
  expect(result.aborted).toBeGreaterThan(0);
  // Of each call, its start and its end at least.
  expect(result.contained).toBeGreaterThan(2 * Number(calls));
  expect(result).toMatchObject({ listeners: 0, sockets: 0, timers: 0, active: 0, upstreamActive: 0 });
  // Not every system tells.
  expect(result.descriptors ?? 0).toBe(0);
});
