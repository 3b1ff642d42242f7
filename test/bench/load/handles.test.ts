/** The count of what a process holds open, in a process that holds nothing else. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SCRIPT = `
  import { once } from 'node:events';
  import { connect, createServer } from 'node:net';
  import { watchHandles } from './bench/load/lib/handles.mjs';
  const impatient = 0;
  const handles = watchHandles(impatient);
  const server = createServer((socket) => socket.unref()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  setTimeout(() => {}, 3_600_000).unref();
  await handles.begin();
  const told = [await handles.left()];

  // None of them holds the process.
  const timer = setInterval(() => {}, 3_600_000).unref();
  const socket = connect(server.address().port, '127.0.0.1');
  await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
  socket.unref();
  told.push(await handles.left());

  clearInterval(timer);
  socket.ref().end();
  await once(socket, 'close');
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  told.push(await handles.left());
  console.log(JSON.stringify(told));
`;

test('what is open beyond the base is counted, also if it does not hold the process, until it is closed', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    cwd: join(import.meta.dirname, '../../..'),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const told = JSON.parse(stdout) as { sockets: number; timers: number; descriptors: number | null }[];
  expect(told.map(({ sockets, timers }) => [sockets, timers])).toEqual([
    [0, 0],
    // A connection has two ends, and both are here.
    [2, 1],
    [0, 0],
  ]);
  // Not every system tells.
  if (told[0]?.descriptors !== null) expect(told.map(({ descriptors }) => descriptors)).toEqual([0, 2, 0]);
});
