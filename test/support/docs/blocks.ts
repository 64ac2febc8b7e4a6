/** How a fenced block is held to be true. `text` is a diagram or sample output and is not run. */
export type Language = 'bash' | 'js' | 'ts' | 'json' | 'yaml' | 'text'

/** One fenced block of a page, with the line of its fence. */
export interface Block {
  readonly page: string
  readonly line: number
  readonly language: Language
  readonly code: string
  /** Why it is not run (`norun: reason`), or null. */
  readonly norun: string | null
  /** Whether the example shows a failure (`fails`): then it must not succeed. */
  readonly fails: boolean
  /** The file of a definitions folder that a yaml block stands for (`definition=integrations/acme/integration.yaml`). */
  readonly definition: string | null
}

const ALIASES: Readonly<Record<string, Language>> = {
  bash: 'bash',
  sh: 'bash',
  js: 'js',
  ts: 'ts',
  json: 'json',
  yaml: 'yaml',
  text: 'text',
}
const OPENING = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)\s*(.*)$/
const INFO = /^(?:(?<fails>fails)|norun: (?<norun>\S.*)|definition=(?<definition>[\w./-]+))?$/

function makeBlock(page: string, line: number, word: string, info: string, code: string): Block {
  const language = ALIASES[word]
  if (language === undefined)
    throw new Error(`${page}:${line}: a block is one of ${Object.keys(ALIASES)}, not '${word}'`)
  const found = INFO.exec(info.trim())
  if (found === null) throw new Error(`${page}:${line}: '${info}' is none of fails, norun: <reason>, definition=<path>`)
  const { fails, norun, definition } = found.groups ?? {}
  return {
    page,
    line,
    language,
    code,
    norun: norun ?? null,
    fails: fails !== undefined,
    definition: definition ?? null,
  }
}

/** The fenced blocks of a page in order. Throws on an unknown language, an unknown note, a `norun` without a reason or an open fence. */
export function readBlocks(page: string, markdown: string): Block[] {
  const lines = markdown.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = '', fence = '', word = '', info = ''] = OPENING.exec(lines[at] ?? '') ?? []
    if (fence === '') continue
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence)
    if (end < 0) throw new Error(`${page}:${at + 1}: the block is never closed`)
    const code = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    blocks.push(makeBlock(page, at + 1, word, info, `${code.join('\n')}\n`))
    at = end
  }
  return blocks
}
