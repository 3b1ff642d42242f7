/**
 * The embedded provider behind real HTTP, for as long as someone wants it: what the command `local-server` does. Started
 * by another process with a channel, it obeys that process and ends with it; else it runs until it is interrupted.
 */
import { once } from 'node:events';
import { userMessage } from '../protocol/chat.js';
import { createLocalProvider } from '../providers/local/provider.js';
import type { Provider } from '../providers/provider.js';
import { createLocalServer, type LocalServer, type Outage } from '../testing/local-server.js';
import { CORPUS_BOUNDS, type CorpusBounds, readCorpus } from './corpus.js';
import type { ProviderServer, ServerNotice, ServerOrder } from './server-process.js';

/** How a server fails during an announced outage. */
const OUTAGE: Outage = { mode: 'error', status: 503 };

export interface ServeOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly host: string;
  /** Folders whose node_modules, there or above, hold the documents to answer from; none: only from what is asked. */
  readonly corpusStarts: readonly string[];
  /** Told once the server listens. */
  readonly onListening: (server: LocalServer) => void;
}

/** Resolves once the server has ended. Rejects when it cannot listen, or finds no documents where it should. */
export async function serveLocally({ port, host, corpusStarts, onListening }: ServeOptions): Promise<void> {
  const provider = await createDocumentProvider(corpusStarts);
  const server = await createLocalServer({ provider, port, host });
  onListening(server);
  if (process.connected) await obey(server);
  else await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}

/** The same server inside this process. */
export async function startServerHere(corpusStarts: readonly string[], bounds: CorpusBounds): Promise<ProviderServer> {
  const server = await createLocalServer({ provider: await createDocumentProvider(corpusStarts, bounds) });
  return {
    baseUrl: server.baseURL,
    setOutage: async (isDown) => server.setOutage(isDown ? OUTAGE : undefined),
    close: () => server.close(),
  };
}

async function createDocumentProvider(
  starts: readonly string[],
  bounds: CorpusBounds = CORPUS_BOUNDS,
): Promise<Provider> {
  if (starts.length === 0) return createLocalProvider();
  const { documents } = await readCorpus(starts, bounds);
  const corpus = documents.map(({ path, packageName, text }) => ({ id: path, title: packageName, text }));
  const provider = createLocalProvider({ corpus });
  await askOnce(provider);
  return provider;
}

/** Has the documents indexed now, and not while the first caller waits. */
async function askOnce(provider: Provider): Promise<void> {
  const request = { model: 'any', messages: [userMessage('Question: anything?')] };
  const { signal } = new AbortController();
  for await (const _ of provider.chat({ request, stream: false, signal, apiKey: undefined }));
}

/** Resolves when the other process has let go of the channel. */
async function obey(server: LocalServer): Promise<void> {
  // An interrupt of the terminal reaches both processes: the one that started us decides when we end.
  process.on('SIGINT', () => undefined);
  process.on('message', (order: ServerOrder) => {
    server.setOutage(order.isDown ? OUTAGE : undefined);
    notify({ kind: 'outage-set' });
  });
  const released = once(process, 'disconnect');
  notify({ kind: 'listening', baseUrl: server.baseURL });
  await released;
}

function notify(notice: ServerNotice): void {
  process.send?.(notice);
}
