/** Tokens of what is handed to the control side and is no class. */

/** `OwnReport`. */
export const OWN_REPORT = Symbol('own report of the instance');
