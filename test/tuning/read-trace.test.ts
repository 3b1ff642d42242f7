import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTrace, readTrace } from '../../src/tuning/read-trace.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sherd-trace-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const MOONCAKE = [
  '{"timestamp": 0, "input_length": 700, "output_length": 5, "hash_ids": [0, 1]}',
  '{"timestamp": 27, "input_length": 900, "output_length": 9, "hash_ids": [0, 46]}',
].join('\n');

test('each prefix block of a mooncake request is an access at the time of the request', async () => {
  const trace = await loadTrace(await file('a.jsonl', MOONCAKE));
  expect(trace.keys).toEqual(['0', '1', '46']);
  expect([...trace.accesses]).toEqual([0, 1, 0, 2]);
  expect([...(trace.timesMs ?? [])]).toEqual([0, 0, 27, 27]);
});

test('a text trace is a key a line, without times; blank lines and LIRS marks are passed over', async () => {
  const trace = await loadTrace(await file('b.trace', 'x\r\n\n*\ny\nx'));
  expect(trace.keys).toEqual(['x', 'y']);
  expect([...trace.accesses]).toEqual([0, 1, 0]);
  expect(trace.timesMs).toBeUndefined();
});

test('a gzipped trace reads as the plain one does', async () => {
  const plain = await loadTrace(await file('c.jsonl', MOONCAKE));
  expect(await loadTrace(await file('c.jsonl.gz', gzipSync(MOONCAKE)))).toEqual(plain);
});

test('a trace is read in batches, so that a large one need not fit in memory', async () => {
  const lines = Array.from({ length: 40_000 }, (_, i) => `key-${i % 5000}`).join('\n');
  let batches = 0;
  let accesses = 0;
  for await (const batch of readTrace(await file('d.txt', lines))) {
    batches++;
    accesses += batch.length;
  }
  expect(accesses).toBe(40_000);
  expect(batches).toBeGreaterThan(1);
});

test('a character cut between two pieces of the file is read whole', async () => {
  const key = 'é'.repeat(50_001);
  const trace = await loadTrace(await file('e.txt', `a${key}\n${key}`));
  expect(trace.keys).toEqual([`a${key}`, key]);
});

test.each([
  ['a JSON object', '{"timestamp":0,"hash_ids":[1]}\nnonsense', 'expected a JSON object, in line 2 of'],
  ['a time', '{"hash_ids":[1]}', "expected a number under 'timestamp', in line 1 of"],
  ['ids', '{"timestamp":0,"hash_ids":[1]}\n\n{"timestamp":0,"hash_ids":["a"]}', "under 'hash_ids', in line 3 of"],
])('a mooncake line without %s is refused by its number', async (_, content, message) => {
  await expect(loadTrace(await file('bad.jsonl', content))).rejects.toMatchObject({
    code: 'ERR_TRACE_MALFORMED',
    message: expect.stringContaining(message),
  });
});

test('a binary file is refused rather than read as keys', async () => {
  await expect(loadTrace(await file('f.trace', Buffer.from([65, 0, 0, 1])))).rejects.toMatchObject({
    code: 'ERR_TRACE_MALFORMED',
  });
});

test('a missing file, a broken gzip, an unknown ending and an empty trace are errors of their own', async () => {
  await expect(loadTrace(join(folder, 'absent.jsonl'))).rejects.toMatchObject({ code: 'ERR_TRACE_UNREADABLE' });
  await expect(loadTrace(join(folder, 'absent.txt.gz'))).rejects.toMatchObject({ code: 'ERR_TRACE_UNREADABLE' });
  await expect(loadTrace(await file('g.txt.gz', 'not gzip'))).rejects.toMatchObject({ code: 'ERR_TRACE_UNREADABLE' });
  await expect(loadTrace(await file('h.lis.zst', 'x'))).rejects.toMatchObject({ code: 'ERR_TRACE_FORMAT' });
  await expect(loadTrace(await file('i.txt', '\n\n'))).rejects.toMatchObject({ code: 'ERR_TRACE_EMPTY' });
});
