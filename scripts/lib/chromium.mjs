/** One page in a fresh headless Chromium, spoken to over the DevTools protocol on loopback. Ends the browser it started. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'undici';

const LIMIT_MS = 60_000;
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--remote-debugging-port=0',
];

/**
 * Opens an empty page, runs `use` with it and closes everything, whatever happened. A browser that takes longer than a
 * minute is killed, and what waits for it rejects.
 * @template T
 * @param {(page: Page) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withPage(use) {
  const profile = await mkdtemp(join(tmpdir(), 'sherd-chromium-'));
  const program = process.env.CHROMIUM ?? 'chromium';
  const browser = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const exited = once(browser, 'exit');
  try {
    const socket = await connect(await Promise.race([readAddress(browser), failOnExit(exited)]));
    try {
      return await use(await openPage(socket));
    } finally {
      socket.close();
    }
  } finally {
    browser.kill('SIGTERM');
    await exited.catch(() => undefined);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * @typedef {object} Page
 * @property {(method: string, params?: object) => Promise<any>} send one DevTools command to the page
 * @property {(method: string, listener: (params: any) => void) => void} on
 * @property {(method: string) => Promise<any>} next the first such event from now; rejects when the browser is gone
 */

async function openPage(socket) {
  const calls = new Map();
  const listeners = new Map();
  let lastId = 0;
  const gone = new Promise((_resolve, reject) => {
    socket.addEventListener('close', () => reject(new Error('the browser closed the connection')));
  });
  gone.catch(() => undefined);
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error, method, params } = JSON.parse(data);
    if (id === undefined) for (const listener of listeners.get(method) ?? []) listener(params);
    else if (error === undefined) calls.get(id).resolve(result);
    else calls.get(id).reject(new Error(error.message));
  });
  function send(method, params = {}, sessionId = undefined) {
    const answer = new Promise((resolve, reject) => {
      calls.set(++lastId, { resolve, reject });
      socket.send(JSON.stringify({ id: lastId, method, params, sessionId }));
    });
    return Promise.race([answer, gone]);
  }
  function on(method, listener) {
    listeners.set(method, [...(listeners.get(method) ?? []), listener]);
  }
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  return {
    send: (method, params = {}) => send(method, params, sessionId),
    on,
    next: (method) => Promise.race([new Promise((resolve) => on(method, resolve)), gone]),
  };
}

async function connect(address) {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  return socket;
}

/** The browser prints where it listens once it does. */
async function readAddress(browser) {
  for await (const line of createInterface(browser.stderr)) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error('Chromium closed its output before it listened');
}

async function failOnExit(exited) {
  const [code] = await exited;
  throw new Error(`Chromium ended with code ${code} before it listened`);
}
