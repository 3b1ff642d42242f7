/** Who can be asked. */
import type { Secret } from '../core/secret.js';
import type { Provider } from '../providers/provider.js';
import type { RateLimiter } from '../resilience/rate-limiter.js';

export interface Target {
  /** 0 for the primary. */
  readonly index: number;
  readonly provider: Provider;
  readonly apiKey: Secret | undefined;
  /** What is asked unless a call names another. */
  readonly model: string;
  readonly limiter: RateLimiter | undefined;
}
