/**
 * What a provider is asked. Its signal is made when somebody reads it: a property of its own, so that it is there in a copy
 * as well, and one getter for all, since an object with a getter that was made for it is slow and four times as large.
 */
import type { Canceller } from '../core/cancel.js';
import type { ChatRequest } from '../protocol/chat.js';
import type { ProviderCall } from '../providers/provider.js';

export class LazyProviderCall implements ProviderCall {
  readonly request: ChatRequest;
  readonly stream: boolean;
  readonly cancel: Canceller;
  readonly apiKey: string | undefined;
  readonly idempotencyKey: string | undefined;
  declare readonly signal: AbortSignal;
  /** Undefined while the provider has not told. */
  isSent: boolean | undefined = undefined;

  constructor(
    request: ChatRequest,
    stream: boolean,
    cancel: Canceller,
    apiKey: string | undefined,
    idempotencyKey: string | undefined,
  ) {
    this.request = request;
    this.stream = stream;
    this.cancel = cancel;
    this.apiKey = apiKey;
    this.idempotencyKey = idempotencyKey;
    Object.defineProperty(this, 'signal', SIGNAL);
  }

  onSent(isSent: boolean): void {
    this.isSent = isSent;
  }
}

const SIGNAL: PropertyDescriptor & ThisType<LazyProviderCall> = {
  enumerable: true,
  get() {
    return this.cancel.toAbortSignal();
  },
};
