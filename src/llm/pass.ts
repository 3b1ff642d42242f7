/** What an attempt shows at the gate of its target, what it gets there, and how it gives it back. Types only. */
import type { CancelSignal } from '../core/cancel.js';
import type { ChatRequest, Usage } from '../protocol/chat.js';
import type { TimeLimit } from '../resilience/deadline.js';
import type { LlmConfig } from './config.js';
import type { RingKey } from './key-ring.js';

/** As much of a call as a gate has to know. */
export interface Entrant {
  readonly request: ChatRequest;
  readonly settings: Readonly<LlmConfig>;
  readonly isWhole: boolean;
  readonly signal: CancelSignal;
  readonly timeLimit: TimeLimit;
}

/** The right to ask once. */
export interface Pass {
  readonly key: RingKey;
  /** To be told once how the attempt ended. */
  end(end: AttemptEnd): void;
}

/** How an attempt ended, for all who gave it something. */
export interface AttemptEnd {
  /** 'unsent': it was not let through, so nothing went out. */
  readonly outcome: 'ok' | 'failed' | 'aborted' | 'unsent';
  readonly error: unknown;
  /** The provider's count, or a guess for an answer that was cut; undefined: as much as was estimated. */
  readonly used: Usage | undefined;
  /** To the first token of a stream, or to the whole answer. */
  readonly latencyMs: number;
}

/** Takes back what one attempt was given. */
export type TakeBack = (end: AttemptEnd) => void;
