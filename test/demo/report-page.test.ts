import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DemoEvent } from '../../src/demo/events.js';
import { goalsOf } from '../../src/demo/goals.js';
import { escapeHtml } from '../../src/demo/page/embed.js';
import { html } from '../../src/demo/page/html.js';
import { renderReport } from '../../src/demo/page/report-page.js';
import { figuresToStore } from '../../src/demo/stored-figures.js';

const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';

function render(events: readonly DemoEvent[]): string {
  const stored = figuresToStore(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return renderReport({ events, stored, goals: goalsOf(stored.figures, { hasOutage: true }) });
}

test('a template escapes every value but markup of its own', () => {
  const inner = html`<b>${'a < b & "c"'}</b>`;
  expect(html`<p title="${"it's"}">${inner}${[1, html`<i>2</i>`, '<3']}</p>`.markup).toBe(
    '<p title="it&#39;s"><b>a &lt; b &amp; &quot;c&quot;</b>1<i>2</i>&lt;3</p>',
  );
});

test('nothing that an event holds becomes markup', () => {
  const page = render([
    { kind: 'phase-began', atMs: 0, phase: HOSTILE, title: HOSTILE, durationMs: 1, requestsPerSecond: 1 },
    { kind: 'setting', atMs: 1, subject: HOSTILE, key: HOSTILE, value: HOSTILE, setBy: HOSTILE, shadowed: [HOSTILE] },
    { kind: 'fallback', atMs: 2, job: HOSTILE, from: HOSTILE, to: HOSTILE, reason: HOSTILE },
    { kind: 'run-ended', atMs: 3000, reason: 'finished' },
  ]);
  expect(page).not.toContain('<script>alert');
  expect(page).not.toContain('<img');
});

test('the policy of the page allows exactly the scripts and the style that stand in it', () => {
  const page = render([{ kind: 'run-ended', atMs: 3000, reason: 'finished' }]);
  const digests = (element: string): readonly string[] =>
    [...page.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'g'))].map(
      ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
    );
  const policy = `default-src 'none'; script-src ${digests('script').join(' ')}; style-src ${digests('style').join(' ')}`;
  expect(digests('script')).toHaveLength(2);
  expect(page.includes(`content="${escapeHtml(policy)}"`)).toBe(true);
});

test('the page asks for nothing from elsewhere and carries no inline handlers or styles', () => {
  const page = render([{ kind: 'run-ended', atMs: 3000, reason: 'finished' }]);
  const markup = page.replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '');
  expect(markup).not.toMatch(/\s(?:src|href|style|on\w+)=/);
});

test('a run without any event renders', () => {
  expect(render([])).toContain('<h2>Goals</h2>');
});
