import { expect, test } from 'vitest';
import { isDataURL, parseDataURL } from '../../src/providers/data-url.js';
import { fc } from '../support/property.js';

test.each([
  ['data:image/png;base64,AAAA', { mediaType: 'image/png', base64: 'AAAA' }],
  ['DATA:Image/PNG;name=x;BASE64,AA==', { mediaType: 'image/png', base64: 'AA==' }],
  ['data:,a%20b', { mediaType: 'text/plain', base64: 'YSBi' }],
  ['data:image/svg+xml,<svg/>', { mediaType: 'image/svg+xml', base64: 'PHN2Zy8+' }],
  ['data:image/png;base64,', undefined],
  ['data:image/png;base64,not base64', undefined],
  ['data:image/png;base64', undefined],
  ['data:text/plain,%E0%', undefined],
  ['https://example.org/data:,x', undefined],
])('%s is read as %j', (url, data) => {
  expect(parseDataURL(url)).toEqual(data);
});

test('any bytes come out as they went in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      const base64 = Buffer.from(bytes).toString('base64');
      const url = `data:image/webp;base64,${base64}`;
      expect(isDataURL(url)).toBe(true);
      expect(parseDataURL(url)).toEqual({ mediaType: 'image/webp', base64 });
    }),
  );
});
