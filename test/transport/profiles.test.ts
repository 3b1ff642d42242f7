/** The shipped sets of connection settings are the numbers of the source documents; each number is seen to act elsewhere, by the test named beside it. */
import { describe, expect, test } from 'vitest';
import { type TransportProfileName, transportProfiles, transportSettings } from '../../src/profiles/transport.js';
import type { TransportSettings } from '../../src/transport/settings.js';

/** Field, value, and the row of the documents it comes from; the words must stand in the profile's evidence. */
type Row = readonly [field: keyof TransportSettings, value: unknown, source: string];

const DOCUMENTS: Readonly<Record<TransportProfileName, readonly Row[]>> = {
  // Document 001, `DefaultClientConfig`, current code (S1-08).
  legacy: [
    ['connectTimeoutMs', 10_000, 'S1-08 DialTimeout 10 s'],
    ['tlsTimeoutMs', 10_000, 'S1-08 TLSHandshakeTimeout 10 s'],
    ['controlTimeoutMs', 30_000, 'S1-08 Timeout 30 s'],
    ['maxConnectionsPerOrigin', 10, 'S1-08 MaxIdleConnsPerHost 10'],
    ['maxConnections', 100, 'S1-08 MaxIdleConns 100'],
    ['keepAliveTimeoutMs', 90_000, 'S1-08 IdleConnTimeout 90 s'],
    ['tcpKeepAliveDelayMs', 30_000, 'S1-08 KeepAlive 30 s'],
    ['minTlsVersion', 'TLSv1.2', 'Go'],
  ],
  // Document 001, optimized code (S1-09).
  optimized: [
    ['connectTimeoutMs', 2000, 'S1-09 DialTimeout 2 s'],
    ['tlsTimeoutMs', 5000, 'S1-09 TLSHandshakeTimeout 5 s'],
    ['controlTimeoutMs', 5000, 'S1-09 Timeout 5 s'],
    ['maxConnectionsPerOrigin', 50, 'S1-09 MaxIdleConnsPerHost 50'],
    ['maxConnections', 200, 'S1-09 MaxIdleConns 200'],
    ['keepAliveTimeoutMs', 30_000, 'S1-09 IdleConnTimeout 30 s'],
    ['tcpKeepAliveDelayMs', 15_000, 'S1-09 KeepAlive 15 s'],
    ['minTlsVersion', 'TLSv1.3', 'S0-09'],
  ],
  // Document 000, configuration defaults (S0-07 to S0-10) and recommended TLS (S0-48); the rest is S1-09.
  wormhole: [
    ['connectTimeoutMs', 30_000, 'S0-10 connection timeout 30 s'],
    ['tlsTimeoutMs', 5000, 'S1-09 TLSHandshakeTimeout 5 s'],
    ['controlTimeoutMs', 5000, 'S1-09 Timeout 5 s'],
    ['maxConnectionsPerOrigin', 100, 'S0-07 max idle connections 100 per host'],
    ['maxConnections', 200, 'S1-09 MaxIdleConns 200'],
    ['keepAliveTimeoutMs', 90_000, 'S0-08 idle connection timeout 90 s'],
    ['tcpKeepAliveDelayMs', 15_000, 'S1-09 KeepAlive 15 s'],
    ['minTlsVersion', 'TLSv1.3', 'S0-09'],
    ['ciphers', 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384', 'S0-48'],
  ],
};

describe('the transport profile', () => {
  test.each(Object.entries(DOCUMENTS) as [TransportProfileName, readonly Row[]][])(
    '%s holds the numbers of its document, all of them and no other, and says where each is from',
    (name, rows) => {
      expect(transportSettings(name)).toEqual(Object.fromEntries(rows.map(([field, value]) => [field, value])));
      const evidence = transportProfiles.get(name)?.evidence;
      for (const [, , source] of rows) expect(evidence).toContain(source);
    },
  );

  test('has no name that is not in the documents', () => {
    expect([...transportProfiles.keys()]).toEqual(Object.keys(DOCUMENTS));
  });
});
