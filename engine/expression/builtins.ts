/**
 * JSONata's own functions -> how many arguments a call needs so that the context (`$`) does not stand in for one.
 * 0: the function never looks at the context. Source: the signatures in jsonata 2.2.
 */
export const BUILTINS: ReadonlyMap<string, number> = new Map([
  ...group(0, 'sum count max min average join map zip filter single reduce append exists merge reverse error assert'),
  ...group(0, 'type sort distinct'),
  ...group(1, 'string lowercase uppercase length trim number floor ceil round abs sqrt boolean not keys spread'),
  ...group(1, 'base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis'),
  ...group(1, 'fromMillis clone formatBase'),
  ...group(2, 'substring substringBefore substringAfter pad match contains split formatNumber formatInteger'),
  ...group(2, 'parseInteger power sift lookup each'),
  ...group(3, 'replace'),
])

/** Functions of JSONata that a definition may not use, with what to do instead. */
export const FORBIDDEN: ReadonlyMap<string, string> = new Map([
  ['eval', 'Write the expression itself: text is never run as code.'],
  ['now', 'The same input must give the same output: take the time from a variable of this slot, if it has one.'],
  ['millis', 'The same input must give the same output: take the time from a variable of this slot, if it has one.'],
  ['random', 'The same input must give the same output: leave random values to the engine.'],
  ['shuffle', 'The same input must give the same output: use $sort.'],
])

/** Functions that give (parts of) their first arguments: name -> how many arguments flow into the result. */
export const PASSING: ReadonlyMap<string, number> = new Map([
  ...group(1, 'filter single sort reverse distinct'),
  ...group(2, 'append'),
  ...group(Number.POSITIVE_INFINITY, 'firstNonEmpty'),
])

/** Functions that call a function with the items of their first argument: name -> how many of its parameters are items. */
export const ITERATING: ReadonlyMap<string, number> = new Map([
  ...group(1, 'map filter single each sift'),
  ...group(2, 'sort reduce'),
])

function group(count: number, names: string): [string, number][] {
  return names.split(' ').map((name) => [name, count])
}
