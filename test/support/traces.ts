/**
 * The real traces that policies are developed with. They lie outside the repository, in ../shared/traces: where one
 * is absent, its tests are not there, and the reason is printed. The large ones are for deep runs only, which unpack some of
 * them with the programs xz and zstd.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadTrace } from '../../src/tuning/read-trace.js';
import { isDeep } from './deep.js';

export interface DevelopmentTrace {
  readonly name: string;
  readonly path: string;
  readonly accessCount: number;
  readonly keyCount: number;
  /** Keys as numbers, from 0 on in the order of their first access. */
  readonly load: (path: string) => Promise<Uint32Array>;
}

const FOLDER = fileURLToPath(new URL('../../../shared/traces/', import.meta.url));
const MAX_UNPACKED_BYTES = 2 ** 28;

const SMALL_TRACES: readonly DevelopmentTrace[] = [
  { name: 'cpp', path: 'lirs/cpp.trace.gz', accessCount: 9047, keyCount: 1223, load: loadPlain },
  { name: 'gli', path: 'lirs/gli.trace.gz', accessCount: 6015, keyCount: 2529, load: loadPlain },
  { name: 'multi2', path: 'lirs/multi2.trace.gz', accessCount: 26_311, keyCount: 5684, load: loadPlain },
  { name: 'ps', path: 'lirs/ps.trace.gz', accessCount: 10_448, keyCount: 3083, load: loadPlain },
];

const LARGE_TRACES: readonly DevelopmentTrace[] = [
  {
    name: 'mooncake',
    path: 'mooncake/conversation_trace.jsonl',
    accessCount: 288_500,
    keyCount: 182_790,
    load: loadPlain,
  },
  { name: 'web07', path: 'cache2k/web07.trace.xz', accessCount: 76_118, keyCount: 20_484, load: loadInt32 },
  { name: 'loop', path: 'lirs/loop.trace.gz', accessCount: 505_500, keyCount: 1011, load: loadPlain },
  { name: 'oltp', path: 'arc/OLTP.lis.zst', accessCount: 914_145, keyCount: 186_880, load: loadRuns },
  { name: 'scarab', path: 'scarab/scarab-recs.trace.xz', accessCount: 1_245_184, keyCount: 258_368, load: loadInt64 },
  { name: 'orm-busy', path: 'cache2k/orm-busy.trace.xz', accessCount: 5_000_000, keyCount: 76_349, load: loadInt32 },
];

const wanted: readonly DevelopmentTrace[] = isDeep ? [...SMALL_TRACES, ...LARGE_TRACES] : SMALL_TRACES;

/** Those of this run that are at hand. */
export const TRACES: readonly DevelopmentTrace[] = wanted.filter(({ path }) => existsSync(FOLDER + path));

const absent = wanted.filter((trace) => !TRACES.includes(trace)).map(({ path }) => path);
if (absent.length > 0) process.stderr.write(`not run, since ${FOLDER} lacks them: ${absent.join(', ')}\n`);

export async function loadAccesses(trace: DevelopmentTrace): Promise<Uint32Array> {
  const accesses = await trace.load(FOLDER + trace.path);
  if (accesses.length !== trace.accessCount) throw new Error(`${trace.name} has ${accesses.length} accesses`);
  return accesses;
}

async function loadPlain(path: string): Promise<Uint32Array> {
  return (await loadTrace(path)).accesses;
}

async function loadInt32(path: string): Promise<Uint32Array> {
  const bytes = unpack('xz', path);
  return numbered(Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32BE(4 * i)));
}

async function loadInt64(path: string): Promise<Uint32Array> {
  const bytes = unpack('xz', path);
  return numbered(Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readBigInt64BE(8 * i)));
}

/** Lines of `start count ignored request`: so many keys in a row. */
async function loadRuns(path: string): Promise<Uint32Array> {
  const keys: number[] = [];
  for (const line of unpack('zstd', path).toString('latin1').split('\n')) {
    const [start = 0, count = 0] = line.split(' ').map(Number);
    for (let i = 0; i < count; i++) keys.push(start + i);
  }
  return numbered(keys);
}

function unpack(program: 'xz' | 'zstd', path: string): Buffer {
  return execFileSync(program, ['-dc', path], { maxBuffer: MAX_UNPACKED_BYTES });
}

function numbered(keys: readonly (number | bigint)[]): Uint32Array {
  const numbers = new Map<number | bigint, number>();
  return Uint32Array.from(keys, (key) => {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
