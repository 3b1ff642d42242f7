import { afterEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import type { EmbedAnswer, EmbedRequest } from '../../src/protocol/embedding.js';
import { openAIEmbedding } from '../../src/providers/openai-embedding.js';
import type { Provider } from '../../src/providers/provider.js';
import { createVendorProvider } from '../../src/providers/vendor-provider.js';
import { type Vendor, type VendorName, vendors } from '../../src/providers/vendors.js';
import { createScriptedServer, type Script, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { createTransportTable } from '../../src/transport/shared-transports.js';
import { hasRecordings, readRecording } from '../support/recordings.js';
import { replyToEmbedding } from './embedding-server.js';

const closers: (() => Promise<void> | undefined)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function start(vendor: VendorName, script: Script): Promise<{ server: ScriptedServer; provider: Provider }> {
  const server = await createScriptedServer(script);
  const options = { settings: transportSettings(), transports: createTransportTable(), baseURL: `${server.url}/v1` };
  const provider = createVendorProvider(vendors.get(vendor) as Vendor, options);
  closers.push(
    () => server.close(),
    () => provider.close?.(),
  );
  return { server, provider };
}
const request: EmbedRequest = { model: 'e-1', texts: ['one', 'three'] };
function embed(provider: Provider, changes: Partial<EmbedRequest> = {}): Promise<EmbedAnswer> | undefined {
  const { signal } = new AbortController();
  return provider.embed?.({ request: { ...request, ...changes }, signal, apiKey: 'sk-1' });
}
const format = openAIEmbedding({});
function decode(body: unknown): EmbedAnswer | undefined {
  return format?.decode(body, request);
}

describe('embeddings', () => {
  test('are asked for as floats, and come in the order of the texts', async () => {
    const { server, provider } = await start('openai', replyToEmbedding);
    expect(await embed(provider, { dimensions: 3, vendor: { user: 'u' } })).toEqual({
      model: 'e-1',
      vectors: [
        [3, 1.11, -0.5],
        [5, 1.16, -0.5],
      ],
      inputTokens: 2,
      requestId: 'req-e',
    });
    expect(server.requests[0]).toMatchObject({ path: '/v1/embeddings', headers: { authorization: 'Bearer sk-1' } });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      model: 'e-1',
      input: ['one', 'three'],
      encoding_format: 'float',
      dimensions: 3,
      user: 'u',
    });
  });

  test('of a vendor have its own words and bounds, or are not there', async () => {
    const { server, provider } = await start('mistral', replyToEmbedding);
    await embed(provider, { dimensions: 3 });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ output_dimension: 3 });
    const { provider: small } = await start('siliconflow', replyToEmbedding);
    expect(small.maxEmbedTexts).toBe(32);
    const without = [...vendors.values()].filter(({ quirks }) => quirks?.embedding === false).map(({ name }) => name);
    expect(without).toEqual(['deepseek', 'kimi', 'groq', 'huggingface']);
    const { provider: none } = await start('groq', []);
    expect('embed' in none).toBe(false);
  });

  test('fail like answers do', async () => {
    const json = { 'content-type': 'application/json' };
    const { provider } = await start('openai', [
      { status: 429, headers: { ...json, 'retry-after': '2' }, body: '{"error":{"message":"slow down"}}' },
      { headers: json, body: '{"error":{"message":"no","code":"server_error"}}' },
      { headers: json, body: '{"data":[]}' },
    ]);
    await expect(embed(provider)).rejects.toMatchObject({ name: 'RateLimitError', retryAfterMs: 2000 });
    await expect(embed(provider)).rejects.toMatchObject({ code: 'ERR_PROVIDER_IN_BODY' });
    await expect(embed(provider)).rejects.toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
  });

  test('an answer that is not one vector of numbers for each text is none', () => {
    const item = (index: unknown, embedding: unknown): object => ({ index, embedding });
    expect(decode({ data: [item(1, [1]), item(0, [2])] })).toMatchObject({ model: 'e-1', vectors: [[2], [1]] });
    expect(decode({ data: [item(undefined, [1]), item(null, [2])] })?.vectors).toEqual([[1], [2]]);
    for (const data of [
      null,
      [item(0, [1])],
      [item(0, [1]), item(0, [2])],
      [item(0, [1]), item(2, [2])],
      [item(0, [1]), item(1, [])],
      [item(0, [1]), item(1, [null])],
      [item(0, [1]), item(1, 'AAA')],
      [item(0, [1]), null],
    ])
      expect(decode({ data })).toBeUndefined();
    expect(decode('x')).toBeUndefined();
  });

  test('in base64, asked for through vendor, are floats as well', () => {
    const bytes = Buffer.alloc(8);
    bytes.writeFloatLE(0.5, 0);
    bytes.writeFloatLE(-2, 4);
    const embedding = bytes.toString('base64');
    expect(decode({ data: [{ embedding }, { embedding }], usage: { total_tokens: 4 } })).toMatchObject({
      vectors: [
        [0.5, -2],
        [0.5, -2],
      ],
      inputTokens: 4,
    });
  });

  test.skipIf(!hasRecordings)('as recorded are read', () => {
    const raw = JSON.parse(readRecording('openai/embedding__openai-embedding.json')) as {
      data: { embedding: number[] }[];
    };
    expect(decode(raw)).toEqual({
      model: 'text-embedding-3-small',
      vectors: raw.data.map(({ embedding }) => embedding),
      inputTokens: 12,
    });
  });
});
