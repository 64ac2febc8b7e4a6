/** Splits CSV text (RFC 4180, any line end) into rows of cells. Throws SyntaxError on an open quote or text after one. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = []
  let [row, at]: [string[], number] = [[], 0]
  while (at < text.length) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at)
    row.push(cell.value)
    at = cell.end
    if (text[at] === ',') {
      at += 1
      if (at === text.length) row.push('')
      else continue
    }
    at += text.startsWith('\r\n', at) ? 2 : 1
    rows.push(row)
    row = []
  }
  return rows
}

function plainCell(text: string, from: number): { value: string; end: number } {
  let end = from
  while (end < text.length && !',\r\n'.includes(text.charAt(end))) end += 1
  return { value: text.slice(from, end), end }
}

function quotedCell(text: string, from: number): { value: string; end: number } {
  let [value, at] = ['', from + 1]
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) throw new SyntaxError('a quoted cell has no end')
    value += text.slice(at, quote)
    at = quote + 2
    if (text[quote + 1] === '"') value += '"'
    else if (quote + 1 === text.length || ',\r\n'.includes(text.charAt(quote + 1))) return { value, end: quote + 1 }
    else throw new SyntaxError('text follows a quoted cell')
  }
}

/** Reads CSV whose first row names the columns into one object of texts per row. Throws SyntaxError on a ragged row. */
export function parseCsv(text: string): Record<string, string>[] {
  const [names, ...rows] = rowsOf(text).filter((row) => row.length > 1 || row[0] !== '')
  if (names === undefined) return []
  if (new Set(names).size !== names.length) throw new SyntaxError('two columns have one name')
  return rows.map((row, index) => {
    if (row.length !== names.length) {
      throw new SyntaxError(`row ${index + 2} has ${row.length} cells, the first row ${names.length}`)
    }
    return Object.fromEntries(names.map((name, column) => [name, row[column] ?? '']))
  })
}
