import { afterEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { userMessage } from '../../src/protocol/chat.js';
import { createVendorProvider } from '../../src/providers/vendor-provider.js';
import { type Vendor, vendors, type WireFormatName } from '../../src/providers/vendors.js';
import { createScriptedServer } from '../../src/testing/scripted-server.js';
import { parseBaseURL } from '../../src/transport/base-url.js';
import { createTransportTable } from '../../src/transport/shared-transports.js';

const settings = transportSettings();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
/** What is asked below the base URL. */
const PATHS: Readonly<Record<WireFormatName, string>> = {
  anthropic: '/v1/messages',
  cohere: '/v2/chat',
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  gemini: '/models',
  ollama: '/api/chat',
};
function row(name: Parameters<typeof vendors.get>[0]): Vendor {
  return vendors.get(name) as Vendor;
}

describe('the table of vendors', () => {
  test('has a row of frozen data for each', () => {
    const names = [
      'openai',
      'openai-responses',
      'anthropic',
      'cohere',
      'deepseek',
      'kimi',
      'siliconflow',
      'groq',
      'mistral',
      'openrouter',
      'huggingface',
      'gemini',
      'ollama',
      'vllm',
      'custom',
    ];
    expect([...vendors.keys()]).toEqual(names);
    for (const [name, vendor] of vendors) {
      expect(vendor.name).toBe(name);
      expect(Object.isFrozen(vendor) && Object.isFrozen(vendor.quirks ?? vendor)).toBe(true);
      expect(vendor.apiKeyVariables.length).toBeGreaterThan(0);
      for (const variable of [...vendor.apiKeyVariables, ...vendor.baseURLVariables])
        expect(variable).toMatch(/^[A-Z_]+$/);
    }
  });

  test('has addresses over TLS, but for servers of one’s own', () => {
    for (const { name, baseURL, needsKey } of vendors.values()) {
      if (baseURL !== undefined)
        expect(parseBaseURL(baseURL, 'baseURL', name).origin.startsWith('https:')).toBe(needsKey);
    }
    expect(row('custom').baseURL).toBeUndefined();
  });
});

describe('a provider made of a row', () => {
  test('is named after it and asks its address', async () => {
    const transports = createTransportTable();
    for (const vendor of vendors.values()) {
      if (vendor.baseURL === undefined) continue;
      const provider = createVendorProvider(vendor, { settings, transports });
      expect(provider.name).toBe(vendor.name);
      expect(provider.endpoint).toBe(`${vendor.baseURL}${PATHS[vendor.format]}`);
      await provider.close?.();
    }
    expect(transports.size).toBe(0);
  });

  test('has its quirks, and shares connections with others of the same address', async () => {
    const server = await createScriptedServer([{ status: 500, body: '{}' }]);
    const transports = createTransportTable();
    const [first, second] = [row('mistral'), row('custom')].map((vendor) =>
      createVendorProvider(vendor, { settings, transports, baseURL: server.url }),
    );
    closers.push(
      () => server.close(),
      async () => first?.close?.(),
      async () => second?.close?.(),
    );
    const request = { model: 'm', messages: [userMessage('hi')], seed: 4 };
    expect(first?.body(request)).toMatchObject({ random_seed: 4 });
    expect(second?.body(request)).toMatchObject({ seed: 4 });
    expect(transports.size).toBe(1);
    await first?.prewarm?.();
    expect(server.connections).toBe(1);
  });

  test('without an address, or with a bad header, is refused and keeps no transport', () => {
    const transports = createTransportTable();
    expect(() => createVendorProvider(row('custom'), { settings, transports })).toThrow(
      /base URL for the provider 'custom'/,
    );
    expect(() => createVendorProvider(row('openai'), { settings, transports, headers: { 'x-a': '\n' } })).toThrow(
      /headers/,
    );
    expect(transports.size).toBe(0);
  });
});
