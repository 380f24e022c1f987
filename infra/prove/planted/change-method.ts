/** Changes what a method does, for all objects of its class: `changed` gets the method that was there. */
export function changeMethod<Class, Name extends keyof Class>(
  prototype: Class,
  name: Name,
  changed: (original: Class[Name]) => Class[Name],
): void {
  prototype[name] = changed(prototype[name]);
}
