/**
 * fast-check as our property tests use it: where one names a greatest length, everything up to that length is tried. By
 * its own default the lengths would end at about ten, whatever the test names.
 */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), defaultSizeToMaxWhenMaxSpecified: true });

export { fc };
