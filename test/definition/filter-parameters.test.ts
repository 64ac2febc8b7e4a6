import { expect, it } from 'vitest'
import { compileCatalog } from '../../engine/index.ts'
import { baseFiles, changed } from './support.ts'

const MAPPING = 'integrations/acme/mappings/desk.yaml'

it('a filter sends a parameter that the list declares, where it declares any', () => {
  const found = (param: string) =>
    compileCatalog(
      changed(baseFiles(), [{ file: MAPPING, from: 'state: { param: status }', to: `state: { param: ${param} }` }]),
    ).issues.map(({ code, hint }) => `${code}: ${hint}`)
  expect(found('status')).toEqual([])
  expect(found('stattus')).toEqual([
    'unknown_parameter: Did you mean `status`? Declared are `email`, `status`, `since`, `all`.',
  ])
})
