/** Asks a provider for a stream that comes in given pieces, without a network. */
import { type Chunk, type ProviderAnswer, userMessage } from '../../src/protocol/chat.js';
import { flatten } from '../../src/protocol/flatten.js';
import type { Provider } from '../../src/providers/provider.js';
import type { Transport } from '../../src/transport/transport.js';
import { createPiecesTransport } from '../support/pieces-transport.js';
import { assemble } from './assemble-chunks.js';

/** Gives a provider these pieces: the whole answer, or its chunks. */
export interface Reader {
  (pieces: Iterable<Uint8Array>): Promise<ProviderAnswer>;
  chunks(pieces: Iterable<Uint8Array>): Promise<readonly Chunk[]>;
}

export function createPiecesReader(
  create: (transport: Transport) => Provider,
  contentType: string,
  model = 'asked',
): Reader {
  const transport = createPiecesTransport('http://pieces.test');
  const provider = create(transport);
  const request = { model, messages: [userMessage('hello')] };

  async function readChunks(pieces: Iterable<Uint8Array>): Promise<Chunk[]> {
    transport.answer = { headers: { 'content-type': contentType }, pieces };
    const chunks: Chunk[] = [];
    const { signal } = new AbortController();
    const given = provider.chat({ request, stream: true, signal, apiKey: 'k' });
    for await (const chunk of flatten(given)) chunks.push(chunk);
    return chunks;
  }
  const read = async (pieces: Iterable<Uint8Array>): Promise<ProviderAnswer> => assemble(await readChunks(pieces));
  return Object.assign(read, { chunks: readChunks });
}
