const USAGES = `
  abs(number); append(first, second); average(numbers); base64decode(text); base64encode(text); boolean(value); ceil(number);
  clone(value); contains(text, pattern); count(array); decodeUrl(text); decodeUrlComponent(text); distinct(array);
  each(object, function); encodeUrl(text); encodeUrlComponent(text); exists(value); filter(array, function); floor(number);
  formatBase(number, radix?); formatInteger(number, picture); formatNumber(number, picture, options?);
  fromMillis(number, picture?, offset?); join(texts, separator?); keys(object); length(text); lookup(object, key);
  lowercase(text); map(array, function); match(text, pattern, limit?); max(numbers); merge(objects); min(numbers); not(value);
  number(value); pad(text, width, filling?); parseInteger(text, picture); power(number, exponent);
  reduce(array, function, start?); replace(text, pattern, replacement, limit?); reverse(array); round(number, decimals?);
  sift(object, function); single(array, function?); sort(array, function?); split(text, separator, limit?); spread(object);
  sqrt(number); string(value, pretty?); substring(text, start, length?); substringAfter(text, part);
  substringBefore(text, part); sum(numbers); toMillis(text, picture?); trim(text); type(value); uppercase(text);
  zip(array, array); error(text?); assert(condition, text?)`

const usages: ReadonlyMap<string, string> = new Map(
  USAGES.split(';').map((usage) => {
    const text = usage.trim()
    return [text.slice(0, text.indexOf('(')), `$${text}`]
  }),
)

/** How a function of JSONata is called, `$round(number, decimals?)`; undefined for other names. */
export const usageOf = (name: string): string | undefined => usages.get(name)
