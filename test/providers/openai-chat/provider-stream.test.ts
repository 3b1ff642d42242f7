import { describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { createOpenAIChatProvider } from '../../../src/providers/openai-chat/provider.js';
import { createFakeClock } from '../../../src/testing/fake-clock.js';
import { createScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { chat, closers, collect, request, streamReply } from '../scripted-provider.js';
import { EVENTS, frame, STREAM, start, TEXT } from './scripted-provider.js';

describe('a stream', () => {
  test('may have any cut, line ends, comments, further fields, and no space before [DONE]', async () => {
    const comments = `\ufeff: hello\r\n\r\n${STREAM.replaceAll('\n\n', '\r\n: ping\r\n\r\n').replace('data: [DONE]', 'data:[DONE] ')}`;
    for (const body of [comments, STREAM.replaceAll('\n', '\r'), STREAM.trimEnd()]) {
      for (const sliceBytes of [1, 3, 1000]) {
        const { provider } = await start([streamReply(body, { sliceBytes })]);
        const { text, error } = await collect(chat(provider, true));
        expect(error).toBeUndefined();
        expect(text).toBe(TEXT);
      }
    }
  });

  test('cut at any byte gives a prefix of the text and a StreamTruncatedError, never a clean end', async () => {
    const total = Buffer.byteLength(STREAM);
    let cut = 0;
    const { provider } = await start(() => streamReply(STREAM, { cutAfterBytes: cut }));
    const lastWithoutDone = total - '\n\n'.length;
    for (cut = 0; cut < lastWithoutDone; cut++) {
      const { text, chunks, error } = await collect(chat(provider, true));
      expect(TEXT.startsWith(text), `cut at ${cut}`).toBe(true);
      expect(error, `cut at ${cut}`).toMatchObject({
        name: 'StreamTruncatedError',
        provider: 'acme',
        requestId: 'req-9',
        retryable: true,
      });
      expect(chunks.some(({ kind }) => kind === 'finish' || kind === 'usage')).toBe(false);
    }
  });

  test('cut at any byte where the end of the connection is the end of the body is truncated as well', async () => {
    let cut = 0;
    const { provider } = await start(() => streamReply(STREAM, { framing: 'close', cutAfterBytes: cut }));
    for (cut = 0; cut < Buffer.byteLength(STREAM) - '\n\n'.length; cut += 7) {
      const { text, error } = await collect(chat(provider, true));
      expect(TEXT.startsWith(text)).toBe(true);
      expect(error).toMatchObject({ name: 'StreamTruncatedError' });
    }
  });

  test('broken by a reset is truncated', async () => {
    const { provider } = await start([streamReply(STREAM, { cutAfterBytes: 200, cutBy: 'reset' })]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test('that says [DONE] without a finish reason is truncated', async () => {
    const { provider } = await start([streamReply(frame(EVENTS[0], EVENTS[1], '[DONE]'))]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test('with a finish reason but without [DONE] is clean only where the vendor may leave it out', async () => {
    const body = frame(...EVENTS);
    const strict = await start([streamReply(body)]);
    expect((await collect(chat(strict.provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
    const lenient = await start([streamReply(body)], { quirks: { doneOptional: true } });
    expect((await collect(chat(lenient.provider, true))).chunks.at(-1)).toEqual({ kind: 'finish', reason: 'stop' });
    const broken = await start([streamReply(body, { cutAfterBytes: Buffer.byteLength(body) })], {
      quirks: { doneOptional: true },
    });
    expect((await collect(chat(broken.provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test.each([
    ['the first', 0],
    ['the second', 1],
    ['the last', 4],
  ])('with an error as %s event gives what came before, then a typed error', async (_name, position) => {
    const error = { error: { message: 'we are overloaded', type: 'overloaded_error', code: null } };
    const { provider } = await start([
      streamReply(frame(...EVENTS.slice(0, position), error, ...EVENTS.slice(position), '[DONE]')),
    ]);
    const result = await collect(chat(provider, true));
    expect(result.error).toMatchObject({ code: 'ERR_PROVIDER_IN_BODY', retryable: true, requestId: 'req-9' });
    expect(TEXT.startsWith(result.text)).toBe(true);
    expect(result.chunks.some(({ kind }) => kind === 'finish')).toBe(false);
  });

  test('with an error beside choices, inside one, or by its event name gives a typed error', async () => {
    const bodies: [string, object][] = [
      [
        frame({
          id: 'a',
          choices: [{ delta: { content: '' }, finish_reason: 'error' }],
          error: { code: 502, message: 'gone' },
        }),
        { status: 502, retryable: true },
      ],
      [frame({ choices: [{ error: { code: 400, message: 'bad' } }] }), { status: 400, retryable: false }],
      [
        `event: error\ndata: ${JSON.stringify({ error: { message: 'stop' }, status_code: 429 })}\n\n`,
        { name: 'RateLimitError', status: 429 },
      ],
      [
        `event: error\ndata: ${JSON.stringify({ message: 'stop', type: 'server_error' })}\n\n`,
        { code: 'ERR_PROVIDER_IN_BODY', retryable: true },
      ],
      [
        frame({ error: { message: 'pay', type: 'insufficient_quota', code: 'insufficient_quota' } }),
        { name: 'RateLimitError', retryable: false },
      ],
    ];
    for (const [body, expected] of bodies) {
      const { provider } = await start([streamReply(body)]);
      expect((await collect(chat(provider, true))).error).toMatchObject(expected);
    }
  });

  test('with an event that is not JSON, or no object, is a bad response', async () => {
    for (const event of ['nonsense', '"text"', '5']) {
      const { provider } = await start([streamReply(frame(EVENTS[0], event, '[DONE]'))]);
      expect((await collect(chat(provider, true))).error).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
    }
  });

  test('with an event of more than 1 MiB beyond the question is refused, and the connection closed', async () => {
    // Each character may come back as an escape of six.
    const most = 2 ** 20 + 6 * String(request.messages[0]?.content).length;
    const { server, provider } = await start([
      streamReply(`data: ${'x'.repeat(most - 'data: '.length)}\n\n`),
      streamReply(`data: ${'x'.repeat(most)}`, { hang: 'before-end' }),
    ]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
    expect((await collect(chat(provider, true))).error).toMatchObject({
      code: 'ERR_PROVIDER_EVENT_TOO_LARGE',
      provider: 'acme',
    });
    await server.until(({ closedConnections }) => closedConnections > 0);
  });

  test('whose body the server never ends after [DONE] gives the only connection back', async () => {
    const server = await createScriptedServer([streamReply(STREAM, { hang: 'before-end' }), streamReply(STREAM)]);
    const settings = transportSettings('optimized', { maxConnectionsPerOrigin: 1 });
    const clock = createFakeClock();
    const transport = createTransport({ origin: server.url, settings, clock });
    const provider = createOpenAIChatProvider({ name: 'acme', baseURL: `${server.url}/v1`, transport });
    closers.push(
      () => server.close(),
      () => transport.close(),
    );
    expect(await collect(chat(provider, true))).toMatchObject({ text: TEXT, error: undefined });
    const next = collect(chat(provider, true));
    await clock.advanceAsync(1000);
    await server.until(({ closedConnections }) => closedConnections === 1);
    expect(await next).toMatchObject({ text: TEXT, error: undefined });
    expect(server.requests.map(({ connection }) => connection)).toEqual([0, 1]);
  });

  test('is cancelled upstream when it is aborted or left', async () => {
    const reply = streamReply(frame(EVENTS[0], EVENTS[1]), { hang: 'before-end' });
    const aborted = await start([reply]);
    const controller = new AbortController();
    const chunks = chat(aborted.provider, true, controller.signal)[Symbol.asyncIterator]();
    await chunks.next();
    await chunks.next();
    const next = chunks.next().catch((reason: unknown) => reason);
    controller.abort('enough');
    expect(await next).toBe('enough');
    await aborted.server.until(({ closedConnections }) => closedConnections > 0);
    const left = await start([reply]);
    for await (const chunk of chat(left.provider, true)) if (chunk.kind === 'text-delta') break;
    await left.server.until(({ closedConnections }) => closedConnections > 0);
  });
});
