/**
 * The name of an answer: SHA-256 over what is sent upstream and who is asked for whom. The one function that makes keys,
 * for reading, storing and warming up. Invariant: equal keys mean that the same answer would do, for the same scope.
 */
import { createHash, hash } from 'node:crypto';
import { isJsonObject } from '../core/json-object.js';
import { isLong, nextTurn, piecesOf } from '../core/long-text.js';

export interface KeyParts {
  readonly provider: string;
  readonly endpoint: string;
  /** The model asked, after presets, tiers and fallback. */
  readonly model: string;
  /** Who may share the answer; its parts are kept apart, so no two scopes can run together. */
  readonly scope: readonly string[];
  /** The upstream body: plain JSON data. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Raised when stored answers of older versions must no longer be found. */
const SCHEMA_VERSION = 2;

/** Body fields that change no answer: how it is delivered, and what the provider notes about the caller. */
const IGNORED_FIELDS: ReadonlySet<string> = new Set(['stream', 'stream_options', 'metadata', 'user']);

/** 64 hex digits. O(body). */
export function cacheKey(parts: KeyParts): string {
  return hash('sha256', textOf(parts));
}

/** The same key; of a long body later, digested a piece a turn. */
export function cacheKeyInTurns(parts: KeyParts): string | Promise<string> {
  const text = textOf(parts);
  return isLong(text.length) ? digestInTurns(text) : hash('sha256', text);
}

async function digestInTurns(text: string): Promise<string> {
  const digest = createHash('sha256');
  await nextTurn();
  for (const piece of piecesOf(text)) {
    digest.update(piece);
    await nextTurn();
  }
  return digest.digest('hex');
}

function textOf(parts: KeyParts): string {
  return headOf(parts) + writeMembers(parts.body, counted, IGNORED_FIELDS);
}

let lastHead: { readonly parts: KeyParts; readonly text: string } | undefined;

/** Who is asked for whom: nearly always the same as the time before, so that is remembered. */
function headOf(parts: KeyParts): string {
  const { provider, endpoint, model, scope } = parts;
  const last = lastHead?.parts;
  const isSame = last?.provider === provider && last.endpoint === endpoint && last.model === model;
  if (isSame && last.scope === scope && lastHead !== undefined) return lastHead.text;
  const text = JSON.stringify([SCHEMA_VERSION, provider, endpoint, model, scope]);
  lastHead = { parts: { ...parts, body: {} }, text };
  return text;
}

/**
 * JSON with the members of every object in order of their names (UTF-16 units). What JSON.stringify leaves out is left
 * out here, and lone surrogates stay apart, since it escapes them.
 */
export function canonicalJson(value: unknown): string {
  return write(value, quoted);
}

type TextWriter = (text: string) => string;

const quoted: TextWriter = (text) => JSON.stringify(text);

/** Texts so short are as soon quoted. */
const MIN_COUNTED = 32;

/**
 * A text behind its length, which nothing else looks like: no character needs an escape, whose search is most of the
 * price of a long prompt. A lone surrogate does: as UTF-8 all of them are the same.
 */
function counted(text: string): string {
  return text.length < MIN_COUNTED || !text.isWellFormed() ? JSON.stringify(text) : `#${text.length} ${text}`;
}

function write(value: unknown, text: TextWriter): string {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return writeItems(value, text);
  if (!isJsonObject(value)) return write(JSON.parse(JSON.stringify(value) ?? 'null'), text);
  return writeMembers(value, text);
}

function writeItems(items: readonly unknown[], text: TextWriter): string {
  let written = '[';
  for (let i = 0; i < items.length; i++) written += (i === 0 ? '' : ',') + write(items[i], text);
  return `${written}]`;
}

function writeMembers(
  object: Readonly<Record<string, unknown>>,
  text: TextWriter,
  ignored?: ReadonlySet<string>,
): string {
  let written = '';
  for (const name of Object.keys(object).sort()) {
    const member = object[name];
    if (member === undefined || ignored?.has(name) === true) continue;
    written += (written === '' ? '{' : ',') + labelOf(name) + write(member, text);
  }
  return written === '' ? '{}' : `${written}}`;
}

const labels = new Map<string, string>();
const MAX_LABELS = 256;

/** A member's name as JSON, with its colon: bodies have few names, and the first ones met are remembered. */
function labelOf(name: string): string {
  const known = labels.get(name);
  if (known !== undefined) return known;
  const label = `${JSON.stringify(name)}:`;
  if (labels.size < MAX_LABELS) labels.set(name, label);
  return label;
}
