/**
 * The trace formats that can be read, each as a function from one line to accesses. Knows nothing of files.
 * A line that breaks the format gives the words of the complaint instead of accesses.
 */
import type { Access } from './trace.js';

export interface TraceFormat {
  readonly name: string;
  /** The accesses of one line, or what is wrong with it. */
  parse(line: string): readonly Access[] | string;
}

/** Mooncake (Qin et al., FAST'25): a JSON object a request; each id of a 512-token prefix block is one access. */
const mooncakeFormat: TraceFormat = {
  name: 'mooncake',
  parse(line) {
    if (line.trim() === '') return [];
    const record = parseObject(line);
    if (record === undefined) return 'expected a JSON object';
    const { timestamp, hash_ids: ids } = record;
    if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) return "expected a number under 'timestamp'";
    if (!Array.isArray(ids) || !ids.every(Number.isSafeInteger))
      return "expected a list of whole numbers under 'hash_ids'";
    return ids.map((id) => ({ key: String(id), atMs: timestamp }));
  },
};

/** One key a line, as it stands. Blank lines and lines of a single `*` (marks of the LIRS traces) are passed over. */
const textFormat: TraceFormat = {
  name: 'text',
  parse(line) {
    const key = line.trim();
    if (key.includes('\0')) return 'expected text, found a binary file';
    return key === '' || key === '*' ? [] : [{ key, atMs: undefined }];
  },
};

const FORMATS: ReadonlyMap<string, TraceFormat> = new Map([
  ['.jsonl', mooncakeFormat],
  ['.txt', textFormat],
  ['.trace', textFormat],
  ['.keys', textFormat],
  ['', textFormat],
]);

/** What the endings stand for, for people. */
export const TRACE_FORMATS_READ = '.jsonl (mooncake), .txt, .trace or .keys (one key a line), each also as .gz';

/** The format a file name's ending (without `.gz`) stands for; undefined for one that cannot be read. */
export function traceFormatOf(ending: string): TraceFormat | undefined {
  return FORMATS.get(ending.toLowerCase());
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
