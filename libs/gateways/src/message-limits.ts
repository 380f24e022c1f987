/** Limits of one message that hold in every gateway. */

/** With its envelope it must fit into one Kafka record beside a half-full batch; frames of devices have bytes, not megabytes. */
export const payloadBytesMax = 256 * 1024;
/** A UUID, a counter, a path: what senders use as ids. */
export const messageIdCharsMax = 128;
/** A media type with parameters (RFC 9110), short enough to be repeated in every record. */
export const contentTypePattern = /^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64}(?:;[\x20-\x7e]{1,128})?$/;

/** What an envelope says beside the payload (port, path); each is repeated in the raw record. */
export const attributesMax = 16;
export const attributeCharsMax = 256;
export const attributeNamePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** One frozen object for all messages that have no attributes. */
export const noAttributes: Readonly<Record<string, string>> = Object.freeze({});
