/** What the wire formats of OpenAI share: how a call is dressed, framed and signed. What they say differs. */
import { createSseDecoder } from '../protocol/sse.js';
import type { HttpProviderOptions } from './http-provider.js';
import type { OpenAIChatQuirks } from './openai-chat/wire.js';
import { openAIEmbedding } from './openai-embedding.js';
import type { WireFormat } from './wire-format.js';

export interface OpenAIOptions extends HttpProviderOptions {
  readonly organization?: string | undefined;
  readonly quirks?: OpenAIChatQuirks | undefined;
}

type Dress = Pick<WireFormat, 'keyHeaders' | 'headers' | 'framing' | 'requestIdHeaders' | 'isEndMark' | 'embedding'>;

export function openAIDress({ organization, quirks = {} }: OpenAIOptions): Dress {
  const { keyHeader } = quirks;
  const embedding = openAIEmbedding(quirks);
  return {
    keyHeaders: (apiKey) => (keyHeader === undefined ? { authorization: `Bearer ${apiKey}` } : { [keyHeader]: apiKey }),
    headers: organization === undefined ? {} : { 'openai-organization': organization },
    framing: { contentType: 'text/event-stream', createDecoder: createSseDecoder },
    requestIdHeaders: ['x-request-id', 'apim-request-id', 'x-kong-request-id', 'request-id'],
    isEndMark: (data) => data.length < 16 && data.trim() === '[DONE]',
    ...(embedding === undefined ? {} : { embedding }),
  };
}
