import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { compileCatalog } from '../../engine/index.ts'
import { baseFiles, changed } from './support.ts'

const base = baseFiles()
const MAPPING = 'integrations/acme/mappings/desk.yaml'
const INTEGRATION = 'integrations/acme/integration.yaml'

const issuesAfter = (file: string, from: string, to: string) =>
  compileCatalog(changed(base, [{ file, from, to }])).issues

/** The part of a hint that is to be pasted. */
const pasted = (hint: string): string => hint.replace(/^[^:]*: /, '').replace(/\.$/, '')

describe('what YAML does to expressions', () => {
  it.each([
    ['a choice', "mail ? mail : 'none'", 'email: "mail ? mail : \'none\'"'],
    ['a choice with an object', "mail ? {'a': 1} : 'none'", "email: \"mail ? {'a': 1} : 'none'\""],
    ['a leading backtick', '`e-mail`', "email: '`e-mail`'"],
    ['a leading percent sign', '%.mail', "email: '%.mail'"],
    ['text joined to a quoted text', "'a' & mail", 'email: "\'a\' & mail"'],
    ['an index of a list', '[mail, other][0]', "email: '[mail, other][0]'"],
    ['a leading asterisk', '**.mail', "'**.mail'"],
    ['a position', 'mails #$i[0].text', "'mails #$i[0].text'"],
  ])('%s is answered with the line to paste', (_name, expression, line) => {
    const issues = issuesAfter(MAPPING, '      email: mail', `      email: ${expression}`)
    expect(issues.map(({ code, line }) => ({ code, line }))).toEqual([{ code: 'yaml_trap', line: 39 }])
    expect(pasted(issues[0]!.hint)).toBe(line)
  })

  it.each([["mail ? mail : 'none'"], ['`e-mail`'], ['[mail, other][0]'], ["'a' & mail"]])(
    'the line pasted for %s compiles and means the expression',
    (expression) => {
      const [issue] = issuesAfter(MAPPING, '      email: mail', `      email: ${expression}`)
      const line = pasted(issue!.hint)
      expect(parse(line)).toEqual({ email: expression })
      const left = issuesAfter(MAPPING, '      email: mail', `      ${line}`)
      // No case of the desk has a field `e-mail`.
      expect(left.filter(({ code }) => code !== 'path_not_in_cases')).toEqual([])
    },
  )

  it('a comma cuts an expression inside of braces', () => {
    const issues = issuesAfter(MAPPING, 'mail: email }', 'mail: $firstNonEmpty(email, name) }')
    expect(issues.map(({ code, column }) => ({ code, column }))).toEqual([{ code: 'yaml_trap', column: 33 }])
    expect(pasted(issues[0]!.hint)).toBe("'$firstNonEmpty(email, name)'")
  })

  it('braces of a template are read as a mapping', () => {
    const issues = issuesAfter(MAPPING, "'mail:{{ $value }}'", '{{ $value }}')
    expect(issues.map(({ code, line, column }) => ({ code, line, column }))).toEqual([
      { code: 'yaml_trap', line: 29, column: 25 },
    ])
    expect(pasted(issues[0]!.hint)).toBe("'{{ $value }}'")
  })

  it.each(['01', '007', '-08'])('%s is read as another number', (text) => {
    const issues = issuesAfter(MAPPING, '{ const: EUR }', `{ const: ${text} }`)
    expect(issues.map(({ code, hint }) => ({ code, hint }))).toEqual([{ code: 'yaml_trap', hint: `Write '${text}'.` }])
  })

  it.each(['yes', 'no', 'on', 'off', 'y', 'NO'])('%s is a text, as YAML 1.2 has it', (text) => {
    expect(issuesAfter(MAPPING, '{ const: EUR }', `{ const: ${text} }`)).toEqual([])
  })

  it('comments behind an expression are comments', () => {
    expect(issuesAfter(MAPPING, '      email: mail', '      email: mail # not the second one')).toEqual([])
  })

  it('a table keeps its keys as they are written', () => {
    const { catalog } = compileCatalog(
      changed(base, [
        {
          file: MAPPING,
          from: 'map: { on: active, off: gone }',
          to: 'map: { on: active, off: gone, 01: gone, true: active }',
        },
      ]),
    )
    const spec = catalog?.integrations.get('acme')?.mappings.get('desk/people')?.fields.get('state')
    expect(spec?.kind === 'table' && [...spec.map.keys()]).toEqual(['on', 'off', '01', 'true'])
  })

  it('a fault of syntax is told once, and other files are still checked', () => {
    const files = changed(base, [
      { file: INTEGRATION, from: '{ livemode: true }', to: '{ livemode: true' },
      { file: MAPPING, from: 'email: mail', to: 'emial: mail' },
    ])
    expect(compileCatalog(files).issues.map(({ code }) => code)).toEqual(['yaml_syntax', 'unknown_field'])
  })
})
