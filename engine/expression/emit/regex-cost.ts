import type { RegexCost } from '../run/regex.ts'

const MOST_CHOICES = 1000
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/

/** A group of a pattern that is being read, or the pattern itself. */
interface Group {
  isFixed: boolean
  choices: number
}

/**
 * How the time of a match can grow with the text: `choices * length ** power`. Undefined where it can grow without such a
 * bound: a repeated group that is not fixed text, or a back reference.
 */
export function regexCost(source: string): RegexCost | undefined {
  const whole: Group = { isFixed: true, choices: 1 }
  const groups = [whole]
  const cost = { choices: 1, power: 1 }
  for (let at = 0; at < source.length; ) {
    const atom = atomAt(source, at)
    const top = groups.at(-1)
    if (atom === undefined || top === undefined) return undefined
    at += atom.length
    if (atom === '|') {
      top.choices++
      top.isFixed = false
    } else if (atom.startsWith('(')) groups.push({ isFixed: true, choices: 1 })
    else {
      const quantifier = QUANTIFIER.exec(source.slice(at))?.[0] ?? ''
      at += quantifier.length
      const isBounded = take(quantifier, atom === ')' ? groups.pop() : undefined, groups.at(-1), cost)
      if (!isBounded || cost.choices > MOST_CHOICES) return undefined
    }
  }
  return { choices: cost.choices * whole.choices, power: cost.power }
}

/** Adds an atom, or the group that ends with it, and its quantifier to the cost; false where there is no bound. */
function take(
  quantifier: string,
  closed: Group | undefined,
  around: Group | undefined,
  cost: { choices: number; power: number },
): boolean {
  if (around === undefined) return false
  cost.choices *= (closed?.choices ?? 1) * (quantifier.startsWith('?') ? 2 : 1)
  if (quantifier !== '' || closed?.isFixed === false) around.isFixed = false
  if (quantifier === '' || quantifier.startsWith('?')) return true
  if (closed?.isFixed === false) return false
  if (!/^\{\d+\}/.test(quantifier)) cost.power++
  return true
}

/** The next piece of a pattern: a class, an escape, a bracket of a group, or one character. */
function atomAt(source: string, at: number): string | undefined {
  const rest = source.slice(at)
  if (rest.startsWith('\\')) return /^\\(?:[1-9]|k)/.test(rest) ? undefined : rest.slice(0, 2)
  if (rest.startsWith('[')) return /^\[(?:\\.|[^\]\\])*\]/.exec(rest)?.[0]
  if (rest.startsWith('(')) return /^\((?:\?(?:[:=!]|<[=!]|<[A-Za-z]\w*>))?/.exec(rest)?.[0]
  return rest.charAt(0)
}
