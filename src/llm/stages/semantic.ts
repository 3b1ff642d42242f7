/**
 * Answers of questions that mean the same, around the exact cache: what that has at hand goes first. A vector is asked for
 * only when nothing is. Invariant: trouble with vectors is a counted miss; a near question never answers for one that says
 * something else (semantic/facts.ts).
 */
import type { Clock } from '../../core/clock.js';
import { ProviderError } from '../../core/errors.js';
import { isLong } from '../../core/long-text.js';
import { messagesLength } from '../../protocol/message-length.js';
import { abortable, abortSignalOf } from '../../resilience/abort.js';
import { createDeadline } from '../../resilience/deadline.js';
import { SingleFlight } from '../../resilience/single-flight.js';
import type { TargetCall } from '../call.js';
import type { SemanticCacheSettings } from '../config.js';
import type { ClientCounters } from '../metrics.js';
import { type Reply, watchRest } from '../reply.js';
import { differenceOf } from '../semantic/facts.js';
import { IndexOfQuestions, type Question, unitVector } from '../semantic/index-of-questions.js';
import { questionOf } from '../semantic/question.js';
import type { CachedStage } from './cached.js';

export interface SemanticParts {
  readonly clock: Clock;
  readonly counters: ClientCounters;
  readonly semanticCache: SemanticCacheSettings | undefined;
}

export function semantic(parts: SemanticParts, once: CachedStage): CachedStage {
  return parts.semanticCache === undefined ? once : semanticBy(parts.semanticCache, parts, once);
}

function semanticBy(
  settings: SemanticCacheSettings,
  { clock, counters }: SemanticParts,
  once: CachedStage,
): CachedStage {
  const index = new IndexOfQuestions(settings.maxEntries);
  const vectors = new SingleFlight<Float32Array>();

  /** Undefined when there is none to be had. Rejects when the call was left. */
  async function vectorOf({ text }: Question, { signal }: TargetCall): Promise<Float32Array | undefined> {
    try {
      return await vectors.run(
        text,
        async (flight) => {
          const limit = createDeadline({ clock, timeoutMs: settings.timeoutMs, kind: 'attempt', signal: flight });
          try {
            const asked = Promise.resolve(settings.embed([text], { signal: abortSignalOf(limit.signal) }));
            return checked(await abortable(asked, limit.signal));
          } finally {
            limit.dispose();
          }
        },
        { signal },
      );
    } catch {
      signal.throwIfAborted();
      counters.semanticErrors++;
      return undefined;
    }
  }

  function findNear(question: Question, vector: Float32Array, call: TargetCall): Reply | undefined {
    for (const { key, facts, similarity } of index.nearest(question, vector, settings.threshold)) {
      if (differenceOf(question.facts, facts) !== undefined) {
        counters.semanticVetoes++;
        continue;
      }
      const reply = once.nearAnswer(key, call, similarity);
      if (reply === undefined) continue;
      index.touch(key);
      return reply;
    }
    return undefined;
  }

  async function ask(call: TargetCall): Promise<Reply> {
    // Each look at a long call costs a key of it.
    if (isLong(messagesLength(call.request.messages))) return once.ask(call);
    const question = once.isAtHand(call) ? undefined : questionOf(call);
    const vector = question && (await vectorOf(question, call));
    if (question === undefined || vector === undefined) return once.ask(call);
    const near = findNear(question, vector, call);
    if (near !== undefined) return near;
    return watchRest(await once.ask(call), {
      onEnd() {
        if (call.origin.stored) index.add(question, vector);
      },
    });
  }

  return { ...once, ask };
}

function checked(answered: readonly unknown[]): Float32Array {
  const vector = answered.length === 1 ? unitVector(answered[0]) : undefined;
  if (vector !== undefined) return vector;
  throw new ProviderError('the embedder gave no vector', { code: 'ERR_PROVIDER_BAD_RESPONSE', provider: 'embedder' });
}
