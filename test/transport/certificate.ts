/** Self-signed certificates for 127.0.0.1, made on the spot (X.509 v3, ECDSA P-256), so that no key lies in the repository. */
import { generateKeyPairSync, sign } from 'node:crypto';

export function createCertificate(lastDay = '20991231'): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(objectId('1.2.840.10045.4.3.2'));
  const name = sequence(set(sequence(objectId('2.5.4.3'), element(0x0c, Buffer.from('127.0.0.1')))));
  const validity = sequence(time('20200101000000Z'), time(`${lastDay}235959Z`));
  const subjectAltName = sequence(objectId('2.5.29.17'), octets(sequence(element(0x87, Buffer.from([127, 0, 0, 1])))));
  const body = sequence(
    element(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(subjectAltName)),
  );
  const signature = element(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const base64 = sequence(body, algorithm, signature).toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}
function set(...parts: Buffer[]): Buffer {
  return element(0x31, Buffer.concat(parts));
}
function octets(content: Buffer): Buffer {
  return element(0x04, content);
}
function integer(value: number): Buffer {
  return element(0x02, Buffer.from([value]));
}
function time(value: string): Buffer {
  return element(0x18, Buffer.from(value));
}
function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const groups = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return element(0x06, Buffer.from(bytes));
}
