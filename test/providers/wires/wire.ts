/**
 * The server's side of a wire format, for the contract suite: says in the vendor's words what a scene tells in ours.
 * Written from the vendors' documentation and recordings, without the code under test.
 */
import type { SceneAnswer } from '../../../src/testing/provider-scene.js';
import type { ScriptedReply, ScriptedRequest } from '../../../src/testing/scripted-server.js';

export interface Wire {
  /** Of a stream. */
  readonly contentType: string;
  /** What is wrong with the request, as that vendor sees it: another path, no key, a field that it refuses. */
  faultOf(asked: ScriptedRequest): string | undefined;
  isStream(asked: ScriptedRequest): boolean;
  whole(answer: SceneAnswer): object;
  stream(answer: SceneAnswer, asked: ScriptedRequest): string;
  /** A stream that begins with the text, and ends with the failure. */
  brokenStream(text: string, message: string): string;
  error(status: number, message: string, retryAfterSeconds?: number): ScriptedReply;
  /** The answer to a request of embeddings; undefined for another request. Absent: the vendor has none. */
  embeddings?(asked: ScriptedRequest): object | undefined;
}

export const MODEL = 'model-as-answered';
export const NO_TOKENS = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };

export function bodyOf({ body }: ScriptedRequest): Readonly<Record<string, unknown>> {
  return JSON.parse(body) as Record<string, unknown>;
}

/** In pieces of a few characters, none of which is half a character. */
export function piecesOf(text: string): string[] {
  return text.match(/.{1,5}/gsu) ?? [];
}

export function wordOf<T extends string>(words: Readonly<Record<string, T>>, reason: string): T {
  const word = words[reason];
  if (word === undefined) throw new Error(`this vendor has no word for ${reason}`);
  return word;
}

export function sse(...events: readonly (object | string)[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}

/** Each event named after its type. */
export function namedSse(...events: readonly { readonly type: string }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/** A vector that tells its text. */
export function vectorOf(text: string): number[] {
  return [text.length, text.charCodeAt(0) / 100, -0.5];
}

/** As headers say it. */
export function refusal(status: number, body: object, retryAfterSeconds?: number): ScriptedReply {
  const wait = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return { status, headers: wait, body: JSON.stringify(body) };
}

/** What is wrong with where a request goes and how it is signed: `scheme` stands before the key. */
export function faultOfDress(
  asked: ScriptedRequest,
  paths: readonly string[],
  header: string,
  scheme = '',
): string | undefined {
  const path = asked.path.split('?', 1)[0] ?? '';
  if (!paths.includes(path)) return `no such path: ${path}`;
  const given = asked.headers[header] ?? '';
  return given.startsWith(scheme) && given.length > scheme.length ? undefined : `no key in ${header}`;
}
