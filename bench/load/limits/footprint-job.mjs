/**
 * Job: what clients take while nothing is asked: the bytes of one that has asked nothing, and of one that has, and keeps
 * its connection. Each asks an origin of its own settings, so that none shares what is another's.
 */
import { settledBytes } from '../../lib/settled-bytes.mjs';
import { loadEntry } from '../../lib/subjects/sherd.mjs';

/** @param {{ url: string, clients: number }} options */
export async function prepare({ url, clients: count }) {
  const llm = await loadEntry('llm');
  const messages = [llm.userMessage('question')];
  const open = (/** @type {number} */ index) =>
    llm.createClient(
      llm.withProvider('vllm'),
      llm.withBaseURL(url),
      llm.withModel('m'),
      // Clients of equal settings share their connections: these differ by a millisecond.
      llm.withTransport({ keepAliveTimeout: 60_000 + index }),
    );
  // What is loaded and made once for all is there before.
  const first = open(count);
  await first.chat(messages);

  async function round() {
    const before = await settledBytes();
    const clients = Array.from({ length: count }, (_, index) => open(index));
    const idle = await settledBytes();
    for (const client of clients) await client.chat(messages);
    const connected = await settledBytes();
    const connections = clients.reduce((sum, client) => sum + client.performance().connectionCount, 0);
    await Promise.all(clients.map((client) => client.close()));
    // Nobody holds them any more.
    clients.length = 0;
    return {
      clients: count,
      connections,
      bytesAClient: (idle - before) / count,
      bytesAConnectedClient: (connected - before) / count,
      bytesLeft: (await settledBytes()) - before,
    };
  }
  return { round };
}
