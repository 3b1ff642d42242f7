import { expect, test } from 'vitest';
import { startServerProcess } from '../../src/demo/server-process.js';

/** A stand-in for the command `local-server`: it speaks the same few words. */
const OBEDIENT = `
  process.on('message', (order) => process.send({ kind: 'outage-set', isDown: order.isDown }));
  process.on('disconnect', () => process.exit());
  process.send({ kind: 'listening', baseUrl: 'http://127.0.0.1:1/v1' });
`;

test('a server process is known by where it listens, obeys, and ends when it is let go', async () => {
  const server = await startServerProcess([process.execPath, '-e', OBEDIENT]);
  expect(server.baseUrl).toBe('http://127.0.0.1:1/v1');
  await server.setOutage(true);
  await server.setOutage(false);
  await server.close();
  await server.close();
});

test('a process that ends before it listens is an error', async () => {
  const starting = startServerProcess([process.execPath, '-e', 'process.exit(3)']);
  await expect(starting).rejects.toMatchObject({ code: 'ERR_DEMO_SERVER', message: expect.stringContaining('3') });
});

test('a process that ends before it has obeyed is an error, and closing it is none', async () => {
  const mortal = `${OBEDIENT} process.removeAllListeners('message'); process.on('message', () => process.exit(4));`;
  const server = await startServerProcess([process.execPath, '-e', mortal]);
  await expect(server.setOutage(true)).rejects.toMatchObject({ code: 'ERR_DEMO_SERVER' });
  await server.close();
});

test('a program that is not there is an error', async () => {
  await expect(startServerProcess(['/no/such/program'])).rejects.toMatchObject({ code: 'ERR_DEMO_SERVER' });
});
