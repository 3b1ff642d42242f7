import { describe, expect, test } from 'vitest';
import { isConfigError } from '../../src/core/errors.js';
import { transportSettings } from '../../src/profiles/transport.js';
import { parseBaseURL } from '../../src/transport/base-url.js';
import { assertHeaders, headerIssues } from '../../src/transport/header-check.js';
import { parseTransportSettings, transportFingerprint } from '../../src/transport/settings.js';
import { fc } from '../support/property.js';

function refusal(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (isConfigError(error)) return error;
    throw error;
  }
  return expect.unreachable('it was accepted');
}

describe('a header', () => {
  test.each([
    ['a line end in the value', { 'x-a': 'canary\r\nx-b: 1' }],
    ['a NUL in the value', { 'x-a': 'canary\0' }],
    ['a value beyond Latin-1', { 'x-a': 'canary…' }],
    ['a value that is no string', { 'x-a': 7 as unknown as string }],
    ['a space in the name', { 'x a': 'canary' }],
    ['an empty name', { '': 'canary' }],
    ['the length of the body', { 'Content-Length': '5' }],
    ['the proxy credentials', { 'Proxy-Authorization': 'canary' }],
  ])('with %s is refused without showing the value', (_name, headers) => {
    const error = refusal(() => assertHeaders(headers, 'headers', 'withCustomHeaders'));
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain('canary');
    expect(error.message).toContain('withCustomHeaders');
  });

  test('is accepted when HTTP can carry it', () => {
    expect(headerIssues({ 'X-Title': 'café', authorization: 'Bearer abc', 'x-empty': '' }, 'headers', 'test')).toEqual(
      [],
    );
  });

  test('is one issue each', () => {
    expect(headerIssues({ 'a b': '', 'x-a': '\n', ok: 'ok', host: 'h' }, 'headers', 'test')).toHaveLength(3);
  });
});

describe('a base URL', () => {
  test('is split into origin and path', () => {
    expect(parseBaseURL('https://host:8443/v1/', 'baseURL', 'test')).toEqual({
      origin: 'https://host:8443',
      path: '/v1',
      query: '',
    });
    const rules = { queryNames: ['api-version'], defaultPath: '/openai/v1' };
    expect(parseBaseURL('https://host/?api-version=1', 'baseURL', 'test', rules)).toEqual({
      origin: 'https://host',
      path: '/openai/v1',
      query: '?api-version=1',
    });
    expect(parseBaseURL('http://host', 'baseURL', 'test')).toEqual({ origin: 'http://host', path: '', query: '' });
  });

  test.each([
    '',
    'canary',
    'ftp://canary',
    'https://user:canary@host/v1',
    'https://host/v1?key=canary',
    'https://host/#canary',
    'http://canary:x',
  ])('like %j is refused without showing it', (value) => {
    const error = refusal(() => parseBaseURL(value, 'baseURL', 'withBaseURL'));
    expect(error.message).toContain('withBaseURL');
    if (!value.startsWith('ftp')) expect(error.message + String(error.stack)).not.toContain('canary');
  });
});

describe('transport settings', () => {
  test('take an override, and refuse every bad one at once with who set it', () => {
    expect(
      transportSettings('legacy', { maxConnectionsPerOrigin: 3 }, 'withConnectionPool(3)').maxConnectionsPerOrigin,
    ).toBe(3);
    const bad = {
      connectTimeoutMs: 0,
      tlsTimeoutMs: '11m',
      maxConnections: 1.5,
      minTlsVersion: 'SSLv3',
      ciphers: '',
      http2: 'yes',
      prewarm: -1,
      lingerMs: '11m',
      tyop: 1,
    };
    const error = refusal(() => transportSettings('optimized', bad, 'mine'));
    expect(error).toMatchObject({
      issues: Array.from({ length: 9 }, () => expect.objectContaining({ setBy: 'mine' })),
    });
  });

  test('that are no object lack every required field', () => {
    for (const value of [undefined, null, 5, 'optimized']) {
      const { issues } = refusal(() => parseTransportSettings(value, 'transport', 'test')) as unknown as {
        issues: unknown[];
      };
      expect(issues).toHaveLength(8);
    }
  });

  test('have one fingerprint whatever their order, and another for any other value', () => {
    const settings = transportSettings();
    const entries = Object.entries(settings);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(entries, { minLength: entries.length }),
        fc.constantFrom(...Object.keys(settings)),
        (shuffled, field) => {
          const same = Object.fromEntries(shuffled) as unknown as typeof settings;
          expect(transportFingerprint(same, undefined)).toBe(transportFingerprint(settings, undefined));
          expect(transportFingerprint({ ...same, [field]: 77 }, undefined)).not.toBe(
            transportFingerprint(settings, undefined),
          );
        },
      ),
    );
    expect(transportFingerprint(settings, 'http://user:canary@proxy')).not.toBe(
      transportFingerprint(settings, undefined),
    );
    expect(transportFingerprint(settings, 'http://user:canary@proxy')).not.toContain('canary');
  });
});
