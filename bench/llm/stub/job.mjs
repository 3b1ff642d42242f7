/** Job: the stub in a process of its own. A round tells how many requests came since the last. */
import { createStub } from './server.mjs';

export async function prepare() {
  const stub = await createStub();
  return { round: () => ({ requests: stub.takeRequests() }), info: { origin: stub.origin } };
}
