/** Globals of k6 that its types leave to the browser's. */
declare const console: {
  info(text: string): void;
  error(text: string): void;
};
