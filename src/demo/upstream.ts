/**
 * Who the run asks for each job: the embedded provider on two local servers, or one real provider. And what each job
 * costs at list price; local answers are priced as the model of the guide's use case that would give them.
 */
import type { ProviderName } from '../llm/provider-names.js';
import { findModel, type ModelTier, modelOfTier, modelsAsOf } from '../profiles/models.js';
import type { ListPrice, UseCase } from './events.js';

/** Chat is two jobs: simple questions go to a fast model, complex ones to a strong one. */
export type Job = UseCase | 'chat-complex';
export const JOBS: readonly Job[] = ['chat', 'chat-complex', 'codegen', 'docs'];

export interface Upstream {
  readonly provider: ProviderName;
  readonly baseUrl: string | undefined;
  /** Undefined leaves the choice to the client: the provider's model of the use case's tier. */
  readonly modelOf: (job: Job) => string | undefined;
  /** Asked when the primary fails. */
  readonly fallback: { readonly baseUrl: string; readonly modelOf: (job: Job) => string } | undefined;
  /** By job; a model without a known price is left out. */
  readonly prices: Readonly<Record<string, ListPrice>>;
}

const TIER_OF_JOB: Readonly<Record<Job, ModelTier>> = {
  chat: 'fast',
  'chat-complex': 'strong',
  codegen: 'strong',
  docs: 'strong',
};
const VENDOR_OF_JOB: Readonly<Record<Job, string>> = {
  chat: 'openai',
  'chat-complex': 'openai',
  codegen: 'openai',
  docs: 'anthropic',
};

/** The embedded provider on two servers. It has one skill, whatever the name of the model it is asked for. */
export function localUpstream(primaryUrl: string, fallbackUrl: string): Upstream {
  return {
    provider: 'custom',
    baseUrl: primaryUrl,
    modelOf: (job) => `primary-${TIER_OF_JOB[job]}`,
    fallback: { baseUrl: fallbackUrl, modelOf: (job) => `backup-${TIER_OF_JOB[job]}` },
    prices: pricesFor((job) => [VENDOR_OF_JOB[job], modelOfTier(VENDOR_OF_JOB[job], TIER_OF_JOB[job])]),
  };
}

/** A real provider, which is not taken down: there is no fallback. */
export function realUpstream(provider: ProviderName, model: string | undefined): Upstream {
  return {
    provider,
    baseUrl: undefined,
    modelOf: () => model,
    fallback: undefined,
    prices: pricesFor((job) => [provider, model ?? modelOfTier(provider, TIER_OF_JOB[job])]),
  };
}

/** Whether `model` is the one that does the job `chat`; the name may be a dated snapshot of it. */
export function isFastModel(upstream: Upstream, model: string): boolean {
  const fast = upstream.modelOf('chat') ?? modelOfTier(upstream.provider, TIER_OF_JOB.chat);
  return fast !== undefined && model.startsWith(fast);
}

function pricesFor(modelOf: (job: Job) => readonly [string, string | undefined]): Upstream['prices'] {
  const prices: Record<string, ListPrice> = {};
  for (const job of JOBS) {
    const [provider, model] = modelOf(job);
    const price = model === undefined ? undefined : findModel(provider, model)?.price;
    if (model === undefined || price === undefined) continue;
    prices[job] = { provider, model, inputPerMillion: price.input, outputPerMillion: price.output, asOf: modelsAsOf };
  }
  return prices;
}
