/**
 * Completes a target: its key and address, from the environment where they are not given, and its model, from the dated
 * table. Reports everything that is missing or wrong. A model known to belong to one vendor is never sent to another.
 */
import { type ConfigIssue, isConfigError } from '../core/errors.js';
import { Secret } from '../core/secret.js';
import { findModel, type ModelTier, modelOfTier, modelsAsOf, providersOfModel } from '../profiles/models.js';
import type { Provider } from '../providers/provider.js';
import { type Vendor, type VendorName, vendors } from '../providers/vendors.js';
import { parseBaseURL } from '../transport/base-url.js';
import { soleKey } from './api-keys.js';
import type { ApiKey } from './config.js';
import type { ProviderName } from './provider-names.js';

/** A target as the settings describe it. */
export interface TargetSettings {
  readonly provider: ProviderName | Provider;
  readonly apiKey: readonly ApiKey[] | undefined;
  readonly baseUrl: string | undefined;
  readonly model: string | undefined;
  readonly modelTier: ModelTier;
}

export type Problem = Omit<ConfigIssue, 'path' | 'setBy'>;

/** A value, where it came from when it was not given, and what is wrong with it. */
export interface Found<T> {
  readonly value: T | undefined;
  readonly note?: string;
  readonly problem?: Problem;
}

export interface ResolvedTarget {
  readonly name: string;
  readonly apiKey: Found<readonly ApiKey[]>;
  /** Undefined: the provider's own. */
  readonly baseUrl: Found<string>;
  readonly model: Found<string>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function resolveTarget(settings: TargetSettings, env: Environment = process.env): ResolvedTarget {
  const { provider } = settings;
  const name = providerNameOf(provider);
  const vendor = typeof provider === 'string' ? vendors.get(provider as VendorName) : undefined;
  return {
    name,
    apiKey: findKeys(vendor, settings.apiKey, env),
    baseUrl: findBaseUrl(vendor, settings.baseUrl, env),
    model: findModelFor(name, settings),
  };
}

export function providerNameOf(provider: ProviderName | Provider): string {
  return typeof provider === 'string' ? provider : provider.name;
}

function findKeys(
  vendor: Vendor | undefined,
  given: readonly ApiKey[] | undefined,
  env: Environment,
): Found<readonly ApiKey[]> {
  if (given !== undefined || vendor === undefined) return { value: given };
  const variable = vendor.apiKeyVariables.find((name) => env[name]);
  if (variable !== undefined) return { value: soleKey(new Secret(env[variable] ?? '')), note: `from ${variable}` };
  if (!vendor.needsKey) return { value: undefined };
  const expected = `a key for ${vendor.name}: withAPIKey or ${vendor.apiKeyVariables.join(' or ')}`;
  return { value: undefined, problem: { expected, received: 'none' } };
}

function findBaseUrl(vendor: Vendor | undefined, given: string | undefined, env: Environment): Found<string> {
  if (vendor === undefined) {
    const problem = { expected: 'none, since this provider has an address of its own or needs none', received: 'one' };
    return given === undefined ? { value: undefined } : { value: given, problem };
  }
  const variable = given === undefined ? vendor.baseURLVariables.find((name) => env[name]) : undefined;
  const value = variable === undefined ? given : completeAddress(env[variable] ?? '', vendor);
  const problem = addressProblem(vendor, value ?? vendor.baseURL);
  return {
    value,
    ...(variable === undefined ? {} : { note: `from ${variable}` }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Only what a variable holds: an address in code is meant as it is written. A server bound to all addresses is here. */
function completeAddress(value: string, { bareHostPort }: Vendor): string {
  const url = `http://${value}`;
  if (bareHostPort === undefined || value.includes('://') || !URL.canParse(url)) return value;
  const { hostname, pathname } = new URL(url);
  const port = /:(\d+)(?:\/|$)/.exec(value)?.[1] ?? bareHostPort;
  return `http://${hostname === '0.0.0.0' ? '127.0.0.1' : hostname}:${port}${pathname}`;
}

function addressProblem(vendor: Vendor, url: string | undefined): Problem | undefined {
  if (url === undefined) return { expected: `a base URL for ${vendor.name} by withBaseURL`, received: 'none' };
  try {
    parseBaseURL(url, 'baseUrl', vendor.name, vendor.baseURLRules);
    return undefined;
  } catch (error) {
    if (!isConfigError(error)) throw error;
    return error.issues[0];
  }
}

function findModelFor(name: string, { model, modelTier }: TargetSettings): Found<string> {
  if (model === undefined) {
    const value = modelOfTier(name, modelTier);
    if (value !== undefined) return { value, note: `the ${modelTier} model of ${name} as of ${modelsAsOf}` };
    const expected = `a model for ${name} by withModel, since none is listed for it`;
    return { value, problem: { expected, received: 'none' } };
  }
  if (!isForeign(name, model)) return { value: model };
  const received = `'${model}', a model of ${providersOfModel(model).join(', ')}`;
  return { value: model, problem: { expected: `a model of ${name}`, received } };
}

/** Listed for others, and not for this provider, which has a list. */
function isForeign(name: string, model: string): boolean {
  if (modelOfTier(name, 'fast') === undefined || findModel(name, model) !== undefined) return false;
  return providersOfModel(model).length > 0;
}
