import { expect, it } from 'vitest'
import { compileCatalog } from '../../engine/index.ts'
import { baseFiles, changed } from './support.ts'

const file = 'integrations/acme/mappings/desk.yaml'
const SAID = '      person.name: Charges name nobody.\n'

const withAbsent = (text: string) => compileCatalog(changed(baseFiles(), [{ file, from: SAID, to: text }]))
const told = (text: string) =>
  withAbsent(text).issues.map(({ code, line, message }) => `${code} ${line} ${/`[^`]+`/.exec(message)?.[0]}`)

it('one reason holds for several names', () => {
  const { catalog, issues } = withAbsent('      person.name, created_at,livemode: Charges tell little.\n')
  expect(issues).toEqual([])
  const absent = catalog?.integrations.get('acme')?.mappings.get('desk/payments')?.absent
  expect([...(absent ?? [])]).toEqual([
    ['person.name', 'Charges tell little.'],
    ['created_at', 'Charges tell little.'],
    ['livemode', 'Charges tell little.'],
  ])
})

it('each name is checked by itself', () => {
  expect(told('      person.name, person.mail: No.\n')).toEqual(['unknown_field 58 `person.mail`'])
  expect(told('      nothing.*: No.\n')).toEqual(['unknown_field 58 `nothing.*`'])
  expect(told(`${SAID}      livemode, person.name: No.\n`)).toEqual(['duplicate_name 59 `person.name`'])
  // What is made does not hide below a star.
  expect(told('      person.*: No.\n')).toEqual(['field_conflict 58 `person.id`'])
})

it('a value of an enum that something leads to is not absent', () => {
  const change = {
    file,
    from: '    fields:\n      id: id\n      name: name\n',
    to: '    absent: { state.*: No. }\n    fields:\n      id: id\n      name: name\n',
  }
  const { issues } = compileCatalog(changed(baseFiles(), [change]))
  expect(issues.map(({ code, message }) => [code, message])).toEqual([
    ['field_conflict', '`state.active` is said to be absent and something leads to it'],
  ])
})
