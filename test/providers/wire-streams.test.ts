/** The stream of every vendor's dialect: the same however it is cut, and never another answer when it ends early. */
import { describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import type { ProviderAnswer } from '../../src/protocol/chat.js';
import { createVendorProvider } from '../../src/providers/vendor-provider.js';
import { type Vendor, type VendorName, vendors } from '../../src/providers/vendors.js';
import type { SceneAnswer } from '../../src/testing/provider-scene.js';
import type { Transport } from '../../src/transport/transport.js';
import { expectSameHoweverCut } from './cuts.js';
import { createPiecesReader, type Reader } from './pieces-reader.js';
import { SUBJECTS } from './wires/subjects.js';

const ANSWER: SceneAnswer = {
  text: '“Red” 🌉',
  toolCalls: [
    { id: 'callOslo1', name: 'get_weather', arguments: '{"a":"–🌧"}' },
    { id: 'callRome2', name: 'get_time', arguments: '{}' },
  ],
  finishReason: 'tool-calls',
  usage: { inputTokens: 31, outputTokens: 12, totalTokens: 43 },
};
const ASKED = {
  method: 'POST',
  path: '/',
  headers: {},
  body: '{"stream":true,"stream_options":{"include_usage":true}}',
  connection: 0,
};

function readerOf(name: VendorName): Reader {
  const { wire, model, base } = SUBJECTS[name];
  const settings = transportSettings();
  const create = (transport: Transport) =>
    createVendorProvider(vendors.get(name) as Vendor, {
      settings,
      baseURL: `${transport.origin}${base}`,
      transports: { size: 0, acquire: () => transport },
    });
  return createPiecesReader(create, wire.contentType, model);
}

describe.each([...vendors.keys()])('a stream of %s', (name) => {
  const { wire } = SUBJECTS[name];
  const bytes = Buffer.from(wire.stream(ANSWER, ASKED));
  const read = readerOf(name);

  test('is the same, however it is cut', async () => {
    const { text, toolCalls, finishReason } = await read([bytes]);
    expect({ text, finishReason }).toEqual({ text: ANSWER.text, finishReason: ANSWER.finishReason });
    expect(toolCalls.map((call) => call.arguments)).toEqual(ANSWER.toolCalls.map((call) => call.arguments));
    await expectSameHoweverCut(read, bytes.toString());
  });

  test('F15: whose last event lacks its line ends has all that it says, however it is cut', async () => {
    const bare = bytes.toString().trimEnd();
    expect(await read([Buffer.from(bare)])).toEqual(await read([bytes]));
    await expectSameHoweverCut(read, bare);
  });

  test('that breaks with an error is the same, however it is cut', async () => {
    await expectSameHoweverCut(read, wire.brokenStream('“Red”', 'it broke'));
  });

  test('that ends early, at whatever byte, is truncated or whole, and never another answer', async () => {
    const whole = withoutUsage(await read([bytes]));
    for (let end = 0; end < bytes.length; end++) {
      try {
        // Where no end mark is needed, the counts may be what is lost.
        expect(withoutUsage(await read([bytes.subarray(0, end)])), `ends at ${end}`).toEqual(whole);
      } catch (error) {
        expect(error, `ends at ${end}`).toMatchObject({ name: 'StreamTruncatedError', retryable: true });
      }
    }
  });
});

function withoutUsage({ usage: _, ...answer }: ProviderAnswer): object {
  return answer;
}
