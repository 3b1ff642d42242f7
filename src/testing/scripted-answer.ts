/**
 * What a scripted provider may be told to answer: an answer, when its pieces come, and what goes wrong on the way. Turns
 * it into chunks and errors; knows no time and no calls.
 */
import { assertNever } from '../core/assert.js';
import { ProviderError, StreamTruncatedError } from '../core/errors.js';
import { answerToChunks } from '../protocol/assemble.js';
import type { Chunk, FinishReason, ProviderAnswer, ToolCall, Usage } from '../protocol/chat.js';
import { toUpstreamError } from '../providers/upstream-error.js';
import type { Latency } from './latency.js';

/** One answer. Left out is: an empty text, no tool calls, finish reason 'stop', usage of about 4 characters a token. */
export interface ScriptedAnswer {
  readonly text?: string;
  /** How the text is streamed; joined they are the text, and stand in its place. Default: word by word. */
  readonly pieces?: readonly string[];
  readonly reasoning?: string;
  /** The finish reason is then 'tool-calls', unless it is given. */
  readonly toolCalls?: readonly ToolCall[];
  readonly finishReason?: FinishReason;
  /** `null`: the provider counts nothing. */
  readonly usage?: Usage | null;
  /** Wait before the first chunk, or before the fault when that comes first. Default: the provider's `latency`. */
  readonly firstMs?: Latency;
  /** Wait before each further chunk of content; a whole answer takes as long as its stream. Default: the provider's. */
  readonly chunkMs?: Latency;
  readonly fault?: ScriptedFault;
}

/**
 * What goes wrong. `afterChunks` counts every chunk that has left, `start` included; more than there are means after the
 * last, `finish` included. A whole answer has no chunks: the fault stands in its place.
 */
export type ScriptedFault =
  /** An HTTP error status; `headers` by lower-case name, as in `{ 'retry-after': '2' }`. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** No answer at all. */
  | { readonly kind: 'network'; readonly reason: 'connect' | 'dns' | 'tls' | 'reset' }
  /** An error inside a 200, with the status it stands for. Default 529, overloaded. */
  | { readonly kind: 'error'; readonly afterChunks: number; readonly status?: number }
  /** The stream ends without its terminator; a whole answer breaks off. */
  | { readonly kind: 'cut'; readonly afterChunks: number }
  /** Nothing comes any more, for ever. */
  | { readonly kind: 'stall'; readonly afterChunks: number }
  /** Throws this, as a provider of somebody's own may. */
  | { readonly kind: 'throw'; readonly error: unknown; readonly afterChunks: number };

/** What an answer says beside its script. */
export interface AnswerPlace {
  readonly id: string;
  readonly model: string;
  /** Characters of the question. */
  readonly promptCharacters: number;
}

const CHARACTERS_A_TOKEN = 4;

export function wholeAnswerOf(scripted: ScriptedAnswer, { id, model, promptCharacters }: AnswerPlace): ProviderAnswer {
  const { reasoning, toolCalls = [], usage } = scripted;
  const text = scripted.pieces?.join('') ?? scripted.text ?? '';
  return Object.freeze({
    id,
    model,
    text,
    ...(reasoning === undefined ? {} : { reasoning }),
    toolCalls: Object.freeze([...toolCalls]),
    finishReason: scripted.finishReason ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'),
    usage: usage === null ? undefined : (usage ?? estimateUsage(promptCharacters, text.length)),
  });
}

/** The stream of an answer, its text in the given pieces or word by word. */
export function chunksOf(answer: ProviderAnswer, pieces: readonly string[] | undefined): readonly Chunk[] {
  const texts = pieces ?? answer.text.match(/\s*\S+|\s+$/g) ?? [];
  return answerToChunks(answer).flatMap((chunk) =>
    chunk.kind === 'text-delta' ? texts.map((text): Chunk => ({ kind: 'text-delta', text })) : [chunk],
  );
}

/** Chunks of a stream that leave before the fault. */
export function chunksBefore(fault: ScriptedFault | undefined): number {
  if (fault === undefined) return Number.POSITIVE_INFINITY;
  return 'afterChunks' in fault ? fault.afterChunks : 0;
}

/** The error of a fault, as a provider over HTTP makes it. */
export function errorOf(
  fault: Exclude<ScriptedFault, { kind: 'stall' }>,
  isStream: boolean,
  provider: string,
  wallMs: number,
): unknown {
  const failure = { provider, requestId: undefined, prompts: [], secrets: [], wallMs };
  switch (fault.kind) {
    case 'status': {
      const { status, headers = {} } = fault;
      return toUpstreamError({ ...failure, status, headers, detail: { message: 'scripted' } });
    }
    case 'error': {
      const detail = { message: 'scripted', type: 'overloaded_error', status: fault.status ?? 529 };
      return toUpstreamError({ ...failure, status: 200, headers: {}, detail });
    }
    case 'network':
      return networkError(fault.reason, provider);
    case 'cut':
      return isStream
        ? new StreamTruncatedError(`${provider} ended its stream early`, { provider })
        : networkError('reset', provider);
    case 'throw':
      return fault.error;
    default:
      return assertNever(fault);
  }
}

const NETWORK_CODES = {
  connect: 'ERR_PROVIDER_CONNECT',
  dns: 'ERR_PROVIDER_DNS',
  tls: 'ERR_PROVIDER_TLS',
  reset: 'ERR_PROVIDER_RESET',
} as const;

function networkError(reason: keyof typeof NETWORK_CODES, provider: string): ProviderError {
  const options = { code: NETWORK_CODES[reason], provider, retryable: reason !== 'tls' };
  return new ProviderError(`${provider} could not be reached (scripted: ${reason})`, options);
}

function estimateUsage(promptCharacters: number, answerCharacters: number): Usage {
  const inputTokens = Math.ceil(promptCharacters / CHARACTERS_A_TOKEN);
  const outputTokens = Math.ceil(answerCharacters / CHARACTERS_A_TOKEN);
  return Object.freeze({ inputTokens, outputTokens, totalTokens: inputTokens + outputTokens });
}
