/** A `fetch` that reaches a provider in process, in the OpenAI format: for clients that know nothing but fetch. */
import { isStreamTruncatedError, type ProviderError } from '../../src/core/errors.js';
import type { Chunk, ProviderAnswer } from '../../src/protocol/chat.js';
import { flatten } from '../../src/protocol/flatten.js';
import type { Provider } from '../../src/providers/provider.js';
import { createEventFormatter, formatAnswer, formatError, parseChatBody } from '../../src/testing/openai-format.js';

export function fetchFrom(provider: Provider): typeof fetch {
  return async (_, init) => {
    const { request, stream } = parseChatBody(String(init?.body));
    const signal = init?.signal ?? new AbortController().signal;
    const chunks = flatten(provider.chat({ request, stream, signal, apiKey: undefined }));
    try {
      const first = await chunks.next();
      if (!stream) {
        await chunks.return();
        return Response.json(formatAnswer((first.value as { answer: ProviderAnswer }).answer, 0));
      }
      const body = ReadableStream.from(eventsOf(first, chunks)) as unknown as ReadableStream<Uint8Array>;
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    } catch (error) {
      return refusalOf(error as ProviderError);
    }
  };
}

/** The bytes of the stream. A cut shows as no more than its end, as it does where a server closes the connection. */
async function* eventsOf(
  first: IteratorResult<Chunk, void>,
  chunks: AsyncGenerator<Chunk, void>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const format = createEventFormatter(true, 0);
  try {
    for (let next = first; next.done !== true; next = await chunks.next()) {
      const event = format(next.value);
      if (event !== undefined) yield encoder.encode(`data: ${JSON.stringify(event)}\n\n`);
    }
    yield encoder.encode('data: [DONE]\n\n');
  } catch (error) {
    if (isStreamTruncatedError(error)) return;
    const { message } = error as Error;
    yield encoder.encode(`data: ${JSON.stringify(formatError(message, 'server_error', null))}\n\n`);
  } finally {
    await chunks.return();
  }
}

/** The answer of a server that failed before its first chunk; a broken connection throws as fetch does. */
function refusalOf({ status, message, retryAfterMs }: ProviderError): Response {
  if (status === undefined) throw new TypeError('fetch failed');
  const headers: Record<string, string> = retryAfterMs === undefined ? {} : { 'retry-after-ms': String(retryAfterMs) };
  return Response.json(formatError(message, 'server_error', null), { status, headers });
}
