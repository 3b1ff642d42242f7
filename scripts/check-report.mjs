/**
 * Opens an HTML report in headless Chromium and fails on a console error, an exception, a request that leaves the file,
 * or a picture that stayed empty. Usage: node scripts/check-report.mjs FILE
 */
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withPage } from './lib/chromium.mjs';
import { report } from './lib/report.mjs';

/** Runs in the page, once two frames have been painted: how many pictures there are, and which show nothing. */
const INSPECT = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const pictures = [...document.querySelectorAll('canvas, svg')];
  const isEmpty = (picture) => {
    const { width, height } = picture.getBoundingClientRect();
    if (width === 0 || height === 0) return true;
    if (!(picture instanceof HTMLCanvasElement)) return picture.childElementCount === 0;
    const { data } = picture.getContext('2d').getImageData(0, 0, picture.width, picture.height);
    return !data.some((byte, i) => i % 4 === 3 && byte !== 0);
  };
  done({
    text: document.body.innerText.trim().length,
    pictures: pictures.length,
    empty: pictures.map((picture, i) => (isEmpty(picture) ? i + 1 : 0)).filter(Boolean),
  });
})))`;

const file = process.argv[2];
if (file === undefined) throw new Error('usage: node scripts/check-report.mjs FILE');
await access(file);
const url = pathToFileURL(resolve(file)).href;

const { pictures, problems } = await withPage(openReport);
report(`report with ${pictures} pictures`, problems);

async function openReport(page) {
  const problems = [];
  page.on('Runtime.exceptionThrown', ({ exceptionDetails: { text, exception } }) => {
    problems.push(`exception: ${exception?.description ?? text}`);
  });
  page.on('Runtime.consoleAPICalled', ({ type, args }) => {
    if (type !== 'error' && type !== 'assert') return;
    problems.push(`console.${type}: ${args.map((arg) => arg.value ?? arg.description).join(' ')}`);
  });
  page.on('Log.entryAdded', ({ entry }) => {
    if (entry.level === 'error') problems.push(`log: ${entry.text} ${entry.url ?? ''}`);
  });
  page.on('Network.requestWillBeSent', ({ request }) => {
    if (request.url !== url && !/^(?:data|blob):/.test(request.url))
      problems.push(`not self-contained: ${request.url}`);
  });
  for (const domain of ['Runtime', 'Log', 'Network', 'Page']) await page.send(`${domain}.enable`);
  const loaded = page.next('Page.loadEventFired');
  const { errorText } = await page.send('Page.navigate', { url });
  if (errorText !== undefined) return { pictures: 0, problems: [`${url}: ${errorText}`] };
  await loaded;
  const { result } = await page.send('Runtime.evaluate', {
    expression: INSPECT,
    awaitPromise: true,
    returnByValue: true,
  });
  const { text, pictures, empty } = result.value ?? { text: 0, pictures: 0, empty: [] };
  if (text === 0) problems.push('the page shows no text');
  if (pictures === 0) problems.push('the page shows no picture');
  for (const position of empty) problems.push(`picture ${position} of ${pictures} is empty`);
  return { pictures, problems };
}
