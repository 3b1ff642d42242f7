/**
 * A cassette: exchanges with an upstream as a JSON file, without secrets and, unless asked for, without times. The pieces
 * of a body stand as they came, so that a stream is replayed with its boundaries.
 */
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { SherdError } from '../core/errors.js';
import { canonicalJson } from '../llm/key.js';

export interface Cassette {
  readonly format: 'sherd-cassette';
  readonly version: 1;
  readonly exchanges: readonly CassetteExchange[];
}

export interface CassetteExchange {
  readonly request: CassetteRequest;
  readonly response: CassetteResponse;
}

export interface CassetteRequest {
  /** Of HTTP, or 'CHAT' or 'EMBED' where a Provider was asked. */
  readonly method: string;
  /** Path and query; of a Provider its name and endpoint. */
  readonly path: string;
  /** By lower-case name; only harmless ones hold their values. For the reader: they decide nothing. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, as JSON where it is some. */
  readonly body: unknown;
  /** SHA-256 over method, path and body in canonical form: what a request is known by. */
  readonly digest: string;
}

export interface CassetteResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly CassettePiece[];
  /** 'cut': the connection broke before the end. */
  readonly end: 'clean' | 'cut';
  /** What a Provider threw. */
  readonly error?: CassetteError;
}

/** Bytes that came at once: as text, or in base64 where they are none. */
export interface CassettePiece {
  readonly text?: string;
  readonly base64?: string;
  /** Milliseconds after the request, or after the piece before. */
  readonly afterMs?: number;
}

export interface CassetteError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly status?: number;
  readonly retryAfterMs?: number;
}

export function digestOf(method: string, path: string, body: unknown): string {
  return createHash('sha256')
    .update(`${method} ${path}\n${canonicalJson(body)}`)
    .digest('hex');
}

/** The value of a JSON text; the text itself where it is none. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function pieceOf(bytes: Buffer, afterMs: number | undefined): CassettePiece {
  const text = bytes.toString('utf8');
  const time = afterMs === undefined ? {} : { afterMs };
  // A piece may end amid a character.
  return Buffer.from(text).equals(bytes) ? { text, ...time } : { base64: bytes.toString('base64'), ...time };
}

export function bytesOf({ text, base64 }: CassettePiece): Buffer {
  return base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64');
}

/** Replaces the file in one step, so that no reader finds half of it. */
export async function writeCassette(file: string, exchanges: readonly CassetteExchange[]): Promise<void> {
  const cassette: Cassette = { format: 'sherd-cassette', version: 1, exchanges };
  await writeFile(`${file}.part`, `${JSON.stringify(cassette, null, 2)}\n`);
  await rename(`${file}.part`, file);
}

export async function readCassette(file: string): Promise<Cassette> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new SherdError(`the cassette ${file} cannot be read`, { code: 'ERR_CASSETTE_UNREADABLE', cause });
  }
  const value = parseBody(text) as Partial<Cassette> | null;
  if (value?.format === 'sherd-cassette' && value.version === 1 && Array.isArray(value.exchanges))
    return value as Cassette;
  throw new SherdError(`${file} is no cassette of version 1`, { code: 'ERR_CASSETTE_MALFORMED' });
}
