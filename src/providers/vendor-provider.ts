/** Puts a vendor's row and a shared transport together into a Provider. */
import type { Clock } from '../core/clock.js';
import { ConfigError } from '../core/errors.js';
import { parseBaseURL } from '../transport/base-url.js';
import type { TransportSettings } from '../transport/settings.js';
import { sharedTransports, type TransportTable } from '../transport/shared-transports.js';
import { createAnthropicProvider } from './anthropic/provider.js';
import { createCohereProvider } from './cohere/provider.js';
import { createGeminiProvider } from './gemini/provider.js';
import { createOllamaProvider } from './ollama/provider.js';
import { createOpenAIChatProvider } from './openai-chat/provider.js';
import type { OpenAIOptions } from './openai-common.js';
import { createOpenAIResponsesProvider } from './openai-responses/provider.js';
import type { Provider } from './provider.js';
import type { Vendor, WireFormatName } from './vendors.js';

export interface VendorProviderOptions {
  readonly settings: TransportSettings;
  /** Instead of the vendor's own. Required where it has none. */
  readonly baseURL?: string | undefined;
  readonly organization?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly httpProxy?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Where connections are shared. Default: the table of this thread. */
  readonly transports?: TransportTable | undefined;
}

/** A format takes of the options what it knows. */
const FACTORIES: Readonly<Record<WireFormatName, (options: OpenAIOptions) => Provider>> = {
  anthropic: createAnthropicProvider,
  cohere: createCohereProvider,
  gemini: createGeminiProvider,
  ollama: createOllamaProvider,
  'openai-chat': createOpenAIChatProvider,
  'openai-responses': createOpenAIResponsesProvider,
};

/** Throws a ConfigError for a missing or malformed base URL, headers or proxy. The provider's close() gives the transport back. */
export function createVendorProvider(vendor: Vendor, options: VendorProviderOptions): Provider {
  const { settings, organization, headers, httpProxy, clock, transports = sharedTransports } = options;
  const { name, format, quirks, baseURLRules } = vendor;
  const baseURL = options.baseURL ?? vendor.baseURL;
  if (baseURL === undefined) {
    const expected = `a base URL for the provider '${name}'`;
    throw new ConfigError('provider', [{ path: 'baseURL', expected, received: 'none', setBy: 'withProvider' }]);
  }
  const { origin } = parseBaseURL(baseURL, 'baseURL', 'withBaseURL', baseURLRules);
  const transport = transports.acquire({ origin, settings, httpProxy });
  try {
    return FACTORIES[format]({ name, baseURL, baseURLRules, transport, organization, headers, quirks, clock });
  } catch (error) {
    void transport.close();
    throw error;
  }
}
