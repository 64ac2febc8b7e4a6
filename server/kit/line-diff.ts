const CONTEXT = 3

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

/** How two texts differ, as a unified diff; empty when they do not. */
export function unifiedDiff(before: string, after: string, names: readonly [string, string]): string {
  const lines = linesOf(before.split('\n'), after.split('\n'))
  const changed = lines.flatMap(({ sign }, at) => (sign === ' ' ? [] : [at]))
  if (changed.length === 0) return ''
  const hunks: [from: number, to: number][] = []
  for (const at of changed) {
    const last = hunks.at(-1)
    const [from, to] = [Math.max(0, at - CONTEXT), Math.min(lines.length, at + CONTEXT + 1)]
    if (last !== undefined && from <= last[1]) last[1] = to
    else hunks.push([from, to])
  }
  return [`--- ${names[0]}`, `+++ ${names[1]}`, ...hunks.flatMap(([from, to]) => hunkText(lines, from, to))].join('\n')
}

function hunkText(lines: readonly Line[], from: number, to: number): string[] {
  const own = lines.slice(from, to)
  const count = (without: Line['sign'], some: readonly Line[]): number =>
    some.filter(({ sign }) => sign !== without).length
  const [old, now] = [count('+', lines.slice(0, from)) + 1, count('-', lines.slice(0, from)) + 1]
  const head = `@@ -${old},${count('+', own)} +${now},${count('-', own)} @@`
  return [head, ...own.map(({ sign, text }) => `${sign}${text}`)]
}

/** The shortest way from one list of lines to the other, by their longest common part. */
function linesOf(before: readonly string[], after: readonly string[]): Line[] {
  const common = commonLengths(before, after)
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    const [old, now] = [before[i], after[j]]
    const isSame = old !== undefined && old === now
    const isGone = old !== undefined && (now === undefined || common(i + 1, j) >= common(i, j + 1))
    if (isSame) lines.push({ sign: ' ', text: old })
    else lines.push(isGone ? { sign: '-', text: old } : { sign: '+', text: now ?? '' })
    if (isSame || isGone) i++
    if (isSame || !isGone) j++
  }
  return lines
}

/** How long the longest common part of the rests of two lists is, by where these begin. */
function commonLengths(before: readonly string[], after: readonly string[]): (i: number, j: number) => number {
  const width = after.length + 1
  const lengths = new Uint32Array((before.length + 1) * width)
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  return at
}
