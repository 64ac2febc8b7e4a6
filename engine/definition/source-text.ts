/** A text with its lines: offsets become lines and columns, both counted from 1. */
export class SourceText {
  readonly path: string
  readonly text: string
  #starts: readonly number[] | undefined

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
  }

  /** Line and column of an offset (UTF-16 units). */
  place(offset: number): { line: number; column: number } {
    const starts = this.#lineStarts()
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }

  /** The offset of a place; the end of the text past it. */
  offset({ line, column }: { line: number; column: number }): number {
    const start = this.#lineStarts()[line - 1] ?? this.text.length
    return Math.min(start + column - 1, this.text.length)
  }

  /** The text of a line without its end; empty past the last one. */
  line(number: number): string {
    const starts = this.#lineStarts()
    const start = starts[number - 1]
    if (start === undefined) return ''
    return this.text.slice(start, starts[number] ?? this.text.length).replace(/\r?\n$/, '')
  }

  /** The line with up to two before and one after it, and carets below the place. */
  frame(line: number, column: number, endColumn: number): string {
    const last = Math.min(line + 1, this.#lineStarts().length)
    const first = Math.max(1, line - 2)
    const width = String(last).length
    const rows: string[] = []
    for (let number = first; number <= last; number++) {
      const row = `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${this.line(number)}`
      rows.push(row.trimEnd())
      if (number !== line) continue
      const gap = this.line(line)
        .slice(0, column - 1)
        .replace(/[^\t]/g, ' ')
      rows.push(`  ${' '.repeat(width)} | ${gap}${'^'.repeat(Math.max(1, endColumn - column))}`)
    }
    return rows.join('\n')
  }

  #lineStarts(): readonly number[] {
    if (this.#starts !== undefined) return this.#starts
    const starts = [0]
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.#starts = starts
    return starts
  }
}
