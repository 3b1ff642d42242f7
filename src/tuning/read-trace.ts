/**
 * Reads a trace file as a stream, plain or gzipped, line by line, in the format its name's ending says.
 * A file that cannot be read, and a line that breaks the format, are errors that say where.
 */
import { createReadStream } from 'node:fs';
import { basename, extname } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SherdError } from '../core/errors.js';
import { type Access, createTraceBuilder, type Trace } from './trace.js';
import { TRACE_FORMATS_READ, type TraceFormat, traceFormatOf } from './trace-format.js';

/** A line longer than this is taken for a file of another kind. */
const MAX_LINE_LENGTH = 2 ** 24;

/** Loads a whole trace. Throws ERR_TRACE_FORMAT, ERR_TRACE_UNREADABLE, ERR_TRACE_MALFORMED, ERR_TRACE_EMPTY. */
export async function loadTrace(path: string): Promise<Trace> {
  const builder = createTraceBuilder();
  for await (const accesses of readTrace(path)) {
    for (const access of accesses) builder.add(access);
  }
  const trace = builder.build();
  if (trace.accesses.length === 0) throw new SherdError(`no access in the trace ${path}`, { code: 'ERR_TRACE_EMPTY' });
  return trace;
}

/** The accesses of a file in order, a batch at a time, without holding the file in memory. */
export async function* readTrace(path: string): AsyncGenerator<readonly Access[], void, undefined> {
  const { format, isGzipped } = describe(path);
  let lineNumber = 0;
  for await (const lines of readLines(open(path, isGzipped), path)) {
    const batch: Access[] = [];
    for (const line of lines) {
      lineNumber++;
      const accesses = format.parse(line);
      if (typeof accesses === 'string') throw malformed(`${accesses}, in line ${lineNumber} of ${path}`);
      for (const access of accesses) batch.push(access);
    }
    yield batch;
  }
}

function describe(path: string): { readonly format: TraceFormat; readonly isGzipped: boolean } {
  const name = basename(path);
  const isGzipped = extname(name).toLowerCase() === '.gz';
  const ending = extname(isGzipped ? name.slice(0, -'.gz'.length) : name);
  const format = traceFormatOf(ending);
  if (format === undefined) {
    throw new SherdError(`a trace ending in ${ending} cannot be read; expected ${TRACE_FORMATS_READ}`, {
      code: 'ERR_TRACE_FORMAT',
    });
  }
  return { format, isGzipped };
}

function open(path: string, isGzipped: boolean): Readable {
  const file = createReadStream(path);
  // The callback only keeps the failure from being thrown twice: the reader of the last stream gets it.
  return isGzipped ? pipeline(file, createGunzip(), () => {}) : file;
}

/** The lines of a text, a batch for each piece read. */
async function* readLines(source: Readable, path: string): AsyncGenerator<readonly string[], void, undefined> {
  source.setEncoding('utf8');
  let rest = '';
  for await (const piece of failuresTyped(source, path)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) throw malformed(`expected lines of text in ${path}`);
    yield lines;
  }
  if (rest !== '') yield [rest];
}

async function* failuresTyped(source: Readable, path: string): AsyncGenerator<string, void, undefined> {
  try {
    // A stream with an encoding set gives strings.
    for await (const piece of source) yield piece as string;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SherdError(`the trace ${path} cannot be read: ${reason}`, { code: 'ERR_TRACE_UNREADABLE', cause });
  }
}

function malformed(message: string): SherdError {
  return new SherdError(message, { code: 'ERR_TRACE_MALFORMED' });
}
