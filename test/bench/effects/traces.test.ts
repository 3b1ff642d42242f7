/** Traces as the bench reads them: each format, each packing, and what is said when one cannot be read. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TRACES } from '../../../bench/effects/traces/catalogue.mjs';
import { decodeTrace } from '../../../bench/effects/traces/decode.mjs';
import { loadTrace, tracesFor } from '../../../bench/effects/traces/load.mjs';
import { syntheticTrace } from '../../../bench/effects/traces/synthetic.mjs';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sherd-traces-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function decoded(bytes: Buffer, format: Parameters<typeof decodeTrace>[1], ending = '') {
  const path = join(folder, `trace${ending}`);
  await writeFile(path, bytes);
  const { keys, accesses } = await decodeTrace(path, format);
  return Array.from(accesses, (access) => keys[access]);
}

describe('formats', () => {
  test('mooncake: each block id of a request is an access', async () => {
    const lines = '{"timestamp": 0, "hash_ids": [5, 6]}\n{"timestamp": 9, "hash_ids": [5, 7]}\n';
    expect(await decoded(Buffer.from(lines), 'mooncake')).toEqual(['5', '6', '5', '7']);
  });

  test('arc: a start and a count stand for a run of keys', async () => {
    expect(await decoded(Buffer.from('10 3 0 1\n11 1 0 2\n'), 'arc')).toEqual(['10', '11', '12', '11']);
  });

  test('lines: marks, blank lines and line ends of any kind are passed over', async () => {
    expect(await decoded(Buffer.from('1\r\n*\n\n 2\n1'), 'lines')).toEqual(['1', '2', '1']);
  });

  test('int32 and int64: big-endian numbers, also negative ones', async () => {
    const int32 = Buffer.from([0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff]);
    expect(await decoded(int32, 'int32')).toEqual(['256', '-1']);
    const int64 = Buffer.alloc(16);
    int64.writeBigInt64BE(-(2n ** 60n), 0);
    int64.writeBigInt64BE(2n ** 60n + 1n, 8);
    expect(await decoded(int64, 'int64')).toEqual(['-1152921504606846976', '1152921504606846977']);
  });

  test('gzip is unpacked', async () => {
    expect(await decoded(gzipSync('1\n2\n'), 'lines', '.gz')).toEqual(['1', '2']);
  });

  test('keys are listed once, by first access', async () => {
    const path = join(folder, 'keys');
    await writeFile(path, '3\n1\n3\n2\n');
    expect((await decodeTrace(path, 'lines')).keys).toEqual(['3', '1', '2']);
  });
});

describe('what is missing', () => {
  const entry = { ...(TRACES[0] as (typeof TRACES)[0]), file: 'some.trace', format: 'lines', accesses: 2 } as const;
  beforeEach(() => vi.stubEnv('SHERD_TRACES', folder));

  test('a file that is not there is named with its source', async () => {
    expect(await loadTrace(entry)).toEqual({ missing: expect.stringContaining(entry.source) });
  });

  test('a file that is another trace, or cut off, is not measured on', async () => {
    await writeFile(join(folder, entry.file), '1\n2\n3\n');
    expect(await loadTrace(entry)).toEqual({ missing: expect.stringContaining('3 accesses, expected 2') });
  });

  test('a file that is what it should be is loaded', async () => {
    await writeFile(join(folder, entry.file), '1\n2\n');
    expect(await loadTrace(entry)).toEqual({ trace: { keys: ['1', '2'], accesses: Uint32Array.of(0, 1) } });
  });

  test('a broken package says so', async () => {
    await writeFile(join(folder, 'some.trace.gz'), 'no gzip');
    expect(await loadTrace({ ...entry, file: 'some.trace.gz' })).toEqual({
      missing: expect.stringContaining('some.trace.gz'),
    });
  });
});

test('parameters are chosen on three traces, and a quick run holds two of them', () => {
  expect(TRACES.filter(({ group }) => group === 'chosen').map(({ name }) => name)).toEqual([
    'mooncake',
    'scarab',
    'multi2',
  ]);
  const quick = tracesFor('quick').filter(({ group }) => group === 'chosen');
  expect(quick.map(({ name }) => name)).toEqual(['mooncake', 'multi2']);
});

test('the synthetic trace is the same each time', () => {
  const [a, b] = [syntheticTrace(10_000), syntheticTrace(10_000)];
  expect(a).toEqual(b);
  expect(a.accesses).toHaveLength(10_000);
});
