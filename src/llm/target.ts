/**
 * Who can be asked: the primary and the fallbacks, each with its key and its model. Reads keys from the environment, the
 * only thing that is read there. A model known to belong to one vendor is never sent to another.
 */
import { isConfigError } from '../core/errors.js';
import { Secret } from '../core/secret.js';
import { findModel, type ModelTier, modelOfTier, modelsAsOf, providersOfModel } from '../profiles/models.js';
import type { ChatRequest, Message } from '../protocol/chat.js';
import type { Provider } from '../providers/provider.js';
import { type Vendor, type VendorName, vendors } from '../providers/vendors.js';
import type { RateLimiter } from '../resilience/rate-limiter.js';
import { parseBaseURL } from '../transport/base-url.js';
import type { RequestExtras } from './call.js';
import type { LlmConfig } from './config.js';
import type { ProviderName } from './provider-names.js';

export interface Target {
  /** 0 for the primary. */
  readonly index: number;
  readonly provider: Provider;
  readonly apiKey: Secret | undefined;
  /** What is asked unless a call names another. */
  readonly model: string;
  readonly limiter: RateLimiter | undefined;
}

/** A target as the settings describe it. */
export interface TargetSettings {
  readonly provider: ProviderName | Provider;
  readonly apiKey: Secret | undefined;
  readonly baseUrl: string | undefined;
  readonly model: string | undefined;
  readonly modelTier: ModelTier;
}

export interface TargetProblem {
  readonly path: 'apiKey' | 'baseUrl' | 'model';
  readonly expected: string;
  readonly received: string;
}

export interface ResolvedTarget {
  readonly name: string;
  readonly apiKey: Secret | undefined;
  /** The variable the key came from; undefined when it was given. */
  readonly keyVariable: string | undefined;
  /** Undefined when there is a problem with it. */
  readonly model: string | undefined;
  /** Why this model, when it was not named. */
  readonly modelNote: string | undefined;
  readonly problems: readonly TargetProblem[];
}

/** Finds key and model of a target, and everything that is wrong with it. */
export function resolveTarget(
  settings: TargetSettings,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ResolvedTarget {
  const problems: TargetProblem[] = [];
  const name = providerNameOf(settings.provider);
  const vendor = typeof settings.provider === 'string' ? vendors.get(settings.provider as VendorName) : undefined;
  const keyVariable =
    settings.apiKey === undefined ? vendor?.apiKeyVariables.find((variable) => env[variable]) : undefined;
  const apiKey = keyVariable === undefined ? settings.apiKey : new Secret(env[keyVariable] ?? '');
  if (vendor?.needsKey === true && apiKey === undefined) {
    problems.push({
      path: 'apiKey',
      expected: `a key for ${name}: withAPIKey or ${vendor.apiKeyVariables.join(' or ')}`,
      received: 'none',
    });
  }
  if (vendor !== undefined) problems.push(...baseUrlProblems(vendor, settings.baseUrl));
  else if (settings.baseUrl !== undefined) {
    problems.push({
      path: 'baseUrl',
      expected: `none, since ${name} has its own address or needs none`,
      received: 'a base URL',
    });
  }
  const offered = settings.model === undefined ? modelOfTier(name, settings.modelTier) : undefined;
  const model = settings.model ?? offered;
  if (model === undefined) {
    problems.push({
      path: 'model',
      expected: `a model for ${name} by withModel, since none is listed for it`,
      received: 'none',
    });
  } else if (isForeign(name, model)) {
    const owners = providersOfModel(model).join(', ');
    problems.push({ path: 'model', expected: `a model of ${name}`, received: `'${model}', a model of ${owners}` });
  }
  const modelNote =
    offered === undefined ? undefined : `the ${settings.modelTier} model of ${name} as of ${modelsAsOf}`;
  return { name, apiKey, keyVariable, model, modelNote, problems };
}

/** False: the model refuses temperature and topP. */
export function acceptsSampling(provider: string, model: string): boolean {
  return findModel(provider, model)?.acceptsSampling ?? true;
}

/** What is asked of this target: a call's messages and settings, in the target's model and with what that model needs. */
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

export function providerNameOf(provider: ProviderName | Provider): string {
  return typeof provider === 'string' ? provider : provider.name;
}

/** Listed for others, and not for this provider, which has a list. */
function isForeign(name: string, model: string): boolean {
  if (modelOfTier(name, 'fast') === undefined || findModel(name, model) !== undefined) return false;
  return providersOfModel(model).length > 0;
}

function baseUrlProblems(vendor: Vendor, baseUrl: string | undefined): TargetProblem[] {
  const url = baseUrl ?? vendor.baseURL;
  if (url === undefined) {
    return [{ path: 'baseUrl', expected: `a base URL for ${vendor.name} by withBaseURL`, received: 'none' }];
  }
  try {
    parseBaseURL(url, 'baseUrl', 'withBaseURL');
    return [];
  } catch (error) {
    if (!isConfigError(error)) throw error;
    return error.issues.map(({ expected, received }) => ({ path: 'baseUrl', expected, received }));
  }
}
