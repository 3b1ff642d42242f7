/** aisix#111, claude-code-router#1672, plano#980: characters and events that lie across two pieces are garbled or lost. */
import { expect } from 'vitest';
import type { Script } from '../../src/testing/scripted-server.js';
import { ask, immune, serve, sse, streamed, watch } from './harness.js';

const TEXT = 'naïve 👍🏽 日本 \u{10FFFF} end';
const body = streamed('naïve ', '👍🏽 ', '日本 \u{10FFFF} end');

/** The same events as other servers write them. */
const SPELLINGS: Readonly<Record<string, string>> = {
  LF: body,
  CRLF: body.replaceAll('\n', '\r\n'),
  CR: body.replaceAll('\n', '\r'),
  'no space after data:': body.replaceAll('data: ', 'data:'),
  'comments and unknown fields': body.replaceAll('data: ', ': ping\n\nid: 7\nretry: 5\nx: y\ndata: '),
  'a byte order mark': `\uFEFF${body}`,
  'several data lines': body.replaceAll(',"choices"', ',\ndata: "choices"'),
};

immune(
  'issue 15: the text is the same wherever the bytes are split and however the events are written',
  async (make) => {
    const bytes = Buffer.from(body);
    for (const [spelling, text] of Object.entries(SPELLINGS)) {
      for (const sliceBytes of [1, 2, 3, 7, 64, Number.MAX_SAFE_INTEGER]) {
        const server = await serve([sse(text, { sliceBytes })]);
        const { end } = watch(ask(make({ servers: [server], retries: 0 }), 'stream', 'why?'));
        expect(await end, `${spelling}, slices of ${sliceBytes}`).toEqual({ text: TEXT });
      }
    }
    // Two pieces, cut at every byte in turn.
    const script: Script = (_, index) => sse(bytes, { sliceBytes: index + 1 });
    const server = await serve(script);
    const client = make({ servers: [server], retries: 0 });
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(await watch(ask(client, 'stream', 'why?')).end, `cut at ${cut}`).toEqual({ text: TEXT });
    }
  },
);
