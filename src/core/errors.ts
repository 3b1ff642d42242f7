/**
 * Every error the library throws, one class per reaction. Knows nothing of who throws it.
 * Invariant: a guard works across two copies of the package, since it looks at a Symbol.for mark.
 */

export interface SherdErrorOptions {
  readonly code?: string | undefined;
  readonly cause?: unknown;
  readonly retryable?: boolean | undefined;
}

const MARK = Symbol.for('sherd.error');

/** Base of all errors. `code` is stable (`ERR_AREA_REASON`), `retryable` says whether the same call may heal. */
export class SherdError extends Error {
  override readonly name: string = 'SherdError';
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, options: SherdErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? 'ERR_SHERD';
    this.retryable = options.retryable ?? false;
    Object.defineProperty(this, MARK, { value: 'SherdError', enumerable: false, writable: true });
  }
}

function mark(error: SherdError, kind: string): void {
  Object.defineProperty(error, MARK, { value: kind, enumerable: false });
}

function hasMark(error: unknown, kind: string): boolean {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[MARK] === kind;
}

/** One wrong value: where it stands, what was expected, what came, and who set it. */
export interface ConfigIssue {
  readonly path: string;
  readonly expected: string;
  readonly received: string;
  readonly setBy: string;
  readonly suggestion?: string | undefined;
}

/** Thrown by every factory and by tune(): all problems of one call at once. */
export class ConfigError extends SherdError {
  override readonly name: string = 'ConfigError';
  readonly issues: readonly ConfigIssue[];

  constructor(subject: string, issues: readonly ConfigIssue[], options: SherdErrorOptions = {}) {
    const lines = issues.map((issue) => {
      const hint = issue.suggestion === undefined ? '' : ` (did you mean ${issue.suggestion}?)`;
      return `  - ${issue.path}: expected ${issue.expected}, got ${issue.received}${hint} [set by ${issue.setBy}]`;
    });
    const count = issues.length === 1 ? '1 problem' : `${issues.length} problems`;
    super(`${count} in ${subject}:\n${lines.join('\n')}`, { code: 'ERR_CONFIG_INVALID', ...options });
    this.issues = Object.freeze([...issues]);
    mark(this, 'ConfigError');
  }
}

/** A refused key, value or cache operation. */
export class CacheError extends SherdError {
  override readonly name: string = 'CacheError';
  constructor(message: string, options: SherdErrorOptions = {}) {
    super(message, { code: 'ERR_CACHE', ...options });
    mark(this, 'CacheError');
  }
}

/** One upstream attempt that did not end well. */
export interface AttemptRecord {
  readonly provider: string;
  readonly model: string;
  readonly code: string;
  readonly status?: number | undefined;
  readonly durationMs: number;
}

export interface ProviderErrorOptions extends SherdErrorOptions {
  readonly provider?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly attempts?: readonly AttemptRecord[] | undefined;
  /** Milliseconds the upstream asked us to wait. */
  readonly retryAfterMs?: number | undefined;
}

/** The provider answered with an error, or could not be reached, or answered garbage. */
export class ProviderError extends SherdError {
  override readonly name: string = 'ProviderError';
  readonly provider: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly attempts: readonly AttemptRecord[];
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ProviderErrorOptions = {}) {
    super(message, { code: 'ERR_PROVIDER', ...options });
    this.provider = options.provider ?? 'unknown';
    this.status = options.status;
    this.requestId = options.requestId;
    this.attempts = options.attempts ?? [];
    this.retryAfterMs = options.retryAfterMs;
    mark(this, 'ProviderError');
  }
}

/** A rate limit refused the call: our own limiter, or a 429 of the provider. */
export class RateLimitError extends ProviderError {
  override readonly name: string = 'RateLimitError';
  constructor(message: string, options: ProviderErrorOptions = {}) {
    super(message, { code: 'ERR_RATE_LIMITED', retryable: true, ...options });
    mark(this, 'RateLimitError');
  }
}

/** The circuit breaker of this provider and model is open; `retryAfterMs` until the next probe. */
export class CircuitOpenError extends SherdError {
  override readonly name: string = 'CircuitOpenError';
  readonly retryAfterMs: number;
  constructor(message: string, options: SherdErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, { code: 'ERR_CIRCUIT_OPEN', ...options });
    this.retryAfterMs = options.retryAfterMs ?? 0;
    mark(this, 'CircuitOpenError');
  }
}

export type DeadlineKind = 'connect' | 'first-token' | 'idle' | 'attempt' | 'total';

/** A timeout fired; `kind` says which one. */
export class DeadlineError extends SherdError {
  override readonly name: string = 'DeadlineError';
  readonly kind: DeadlineKind;
  readonly afterMs: number;
  constructor(message: string, options: SherdErrorOptions & { readonly kind: DeadlineKind; readonly afterMs: number }) {
    super(message, { code: 'ERR_DEADLINE', retryable: options.kind !== 'total', ...options });
    this.kind = options.kind;
    this.afterMs = options.afterMs;
    mark(this, 'DeadlineError');
  }
}

/** A stream ended without the provider's terminator. */
export class StreamTruncatedError extends ProviderError {
  override readonly name: string = 'StreamTruncatedError';
  constructor(message: string, options: ProviderErrorOptions = {}) {
    super(message, { code: 'ERR_STREAM_TRUNCATED', retryable: true, ...options });
    mark(this, 'StreamTruncatedError');
  }
}

/** A bounded queue had no room. */
export class QueueFullError extends SherdError {
  override readonly name: string = 'QueueFullError';
  constructor(message: string, options: SherdErrorOptions = {}) {
    super(message, { code: 'ERR_QUEUE_FULL', retryable: true, ...options });
    mark(this, 'QueueFullError');
  }
}

/** A spending limit has no room for this; `retryAfterMs` until it is renewed, undefined when that would not help. */
export class BudgetError extends SherdError {
  override readonly name: string = 'BudgetError';
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: SherdErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, { code: 'ERR_BUDGET_EXCEEDED', ...options });
    this.retryAfterMs = options.retryAfterMs;
    mark(this, 'BudgetError');
  }
}

/** The cache or client was closed. */
export class ClosedError extends SherdError {
  override readonly name: string = 'ClosedError';
  constructor(message: string, options: SherdErrorOptions = {}) {
    super(message, { code: 'ERR_CLOSED', ...options });
    mark(this, 'ClosedError');
  }
}

/** True for every error of this library, from any copy of the package. */
export function isSherdError(error: unknown): error is SherdError {
  return typeof error === 'object' && error !== null && MARK in error;
}
export function isConfigError(error: unknown): error is ConfigError {
  return hasMark(error, 'ConfigError');
}
export function isCacheError(error: unknown): error is CacheError {
  return hasMark(error, 'CacheError');
}
/** True for ProviderError and its kinds, RateLimitError and StreamTruncatedError. */
export function isProviderError(error: unknown): error is ProviderError {
  return hasMark(error, 'ProviderError') || isRateLimitError(error) || isStreamTruncatedError(error);
}
export function isRateLimitError(error: unknown): error is RateLimitError {
  return hasMark(error, 'RateLimitError');
}
export function isCircuitOpenError(error: unknown): error is CircuitOpenError {
  return hasMark(error, 'CircuitOpenError');
}
export function isDeadlineError(error: unknown): error is DeadlineError {
  return hasMark(error, 'DeadlineError');
}
export function isStreamTruncatedError(error: unknown): error is StreamTruncatedError {
  return hasMark(error, 'StreamTruncatedError');
}
export function isQueueFullError(error: unknown): error is QueueFullError {
  return hasMark(error, 'QueueFullError');
}
export function isBudgetError(error: unknown): error is BudgetError {
  return hasMark(error, 'BudgetError');
}
export function isClosedError(error: unknown): error is ClosedError {
  return hasMark(error, 'ClosedError');
}
