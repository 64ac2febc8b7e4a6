import type { RegexCost } from '../run/regex.ts'

const MOST_CHOICES = 1000
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/

/**
 * How the time of a match can grow with the text: `choices * length ** power`. Undefined where it can grow without such a
 * bound: a repeated group that is not fixed text, or a back reference.
 */
export function regexCost(source: string): RegexCost | undefined {
  const groups: { isFixed: boolean; choices: number }[] = [{ isFixed: true, choices: 1 }]
  let [choices, power, at] = [1, 1, 0]
  while (at < source.length) {
    const atom = atomAt(source, at)
    if (atom === undefined) return undefined
    const top = groups.at(-1)
    if (top === undefined) return undefined
    at += atom.length
    if (atom === '|') {
      top.choices++
      top.isFixed = false
      continue
    }
    if (atom.startsWith('(')) {
      groups.push({ isFixed: true, choices: 1 })
      continue
    }
    const closed = atom === ')' ? groups.pop() : undefined
    const around = groups.at(-1)
    if (around === undefined) return undefined
    choices *= closed?.choices ?? 1
    if (closed?.isFixed === false) around.isFixed = false
    const quantifier = QUANTIFIER.exec(source.slice(at))?.[0] ?? ''
    at += quantifier.length
    if (quantifier === '') continue
    around.isFixed = false
    if (quantifier.startsWith('?')) choices *= 2
    else if (closed?.isFixed === false) return undefined
    else if (!/^\{\d+\}/.test(quantifier)) power++
    if (choices > MOST_CHOICES) return undefined
  }
  return { choices: choices * (groups[0]?.choices ?? 1), power }
}

/** The next piece of a pattern: a class, an escape, a bracket of a group, or one character. */
function atomAt(source: string, at: number): string | undefined {
  const rest = source.slice(at)
  if (rest.startsWith('\\')) return /^\\(?:[1-9]|k)/.test(rest) ? undefined : rest.slice(0, 2)
  if (rest.startsWith('[')) return /^\[(?:\\.|[^\]\\])*\]/.exec(rest)?.[0]
  if (rest.startsWith('(')) return /^\((?:\?(?:[:=!]|<[=!]|<[A-Za-z]\w*>))?/.exec(rest)?.[0]
  return rest.charAt(0)
}
