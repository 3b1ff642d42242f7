/** Entry `sherd/options`: options as data, for people who build their own on top of sherd's. */
export type { ConfigIssue } from '../core/errors.js';
export { ConfigError, isConfigError } from '../core/errors.js';
export type { ByteSize, Duration } from '../core/units.js';
export type { Change, Explained } from './explain.js';
export { formatExplanation } from './explain.js';
export type { Expansion, Field, Fields, OptionScope, SettleContext, Settled } from './field.js';
export { profileSchema } from './json-schema.js';
export type { AnyOption, Option } from './option.js';
export { compose, option } from './option.js';
export type { Profile } from './profile.js';
export { optionReference } from './reference.js';
export type { Resolved } from './resolve.js';
export { resolve } from './resolve.js';
export type { Parsed, Range, ValueType } from './value-type.js';
export { boolean, byteSize, callback, custom, decimal, duration, integer, parsed, text, word } from './value-type.js';
