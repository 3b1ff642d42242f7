/** Who can be asked, and what is asked of it: a call's messages and settings, in its model and with what that model needs. */
import type { Secret } from '../core/secret.js';
import { findModel } from '../profiles/models.js';
import type { ChatRequest, Message } from '../protocol/chat.js';
import type { Provider } from '../providers/provider.js';
import type { RateLimiter } from '../resilience/rate-limiter.js';
import type { RequestExtras } from './call.js';
import type { LlmConfig } from './config.js';

export interface Target {
  /** 0 for the primary. */
  readonly index: number;
  readonly provider: Provider;
  readonly apiKey: Secret | undefined;
  /** What is asked unless a call names another. */
  readonly model: string;
  readonly limiter: RateLimiter | undefined;
}

/** Only the primary takes the model that a call names: the others may not have it. */
export function requestFor(
  target: Target,
  messages: readonly Message[],
  settings: Readonly<LlmConfig>,
  extras: RequestExtras,
): ChatRequest {
  const model = target.index === 0 ? (settings.model ?? target.model) : target.model;
  const row = findModel(target.provider.name, model);
  const { temperature, topP } = settings;
  const takesSampling = row?.acceptsSampling ?? true;
  const vendor = { ...row?.parameters, ...extras.vendor };
  return Object.freeze({
    model,
    messages,
    maxTokens: settings.maxTokens,
    ...(takesSampling && temperature !== undefined ? { temperature } : {}),
    ...(takesSampling && topP !== undefined ? { topP } : {}),
    ...extras,
    ...(Object.keys(vendor).length === 0 ? {} : { vendor }),
  });
}
