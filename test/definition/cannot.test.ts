import { describe, expect, it } from 'vitest'
import { secretIssues } from '../../engine/definition/check/secrets.ts'
import type { Document } from '../../engine/definition/document.ts'
import { SourceText } from '../../engine/definition/source-text.ts'
import { compileCatalog } from '../../engine/index.ts'
import { baseFiles, changed } from './support.ts'

const MAPPING = 'integrations/acme/mappings/desk.yaml'
const codesWith = (line: string) =>
  compileCatalog(
    changed(baseFiles(), [{ file: MAPPING, from: '    lookups:', to: `    cannot: { ${line} }\n    lookups:` }]),
  ).issues.map(({ code }) => code)

describe('what a provider cannot', () => {
  it('is a way of the model', () => {
    expect(codesWith('fly: It has no wings.')).toEqual(['unknown_unified_method'])
  })

  it('is none that is mapped', () => {
    expect(codesWith('list: There is no list.')).toEqual(['field_conflict'])
  })
})

describe('a signature in a case', () => {
  const found = (text: string) => secretIssues({ source: new SourceText('a.yaml', text) } as Document).length
  const TEXT = 'Zq3xT7Lm9Rk2Vb8Nw5Hc1Yd6Fg4Js0PaUeIo'

  it('is no secret, and anything else that looks so is one', () => {
    expect(found(`hmacSignature: ${TEXT}=`)).toBe(0)
    expect(found(`X-Signature: 'ab+/${TEXT}'`)).toBe(0)
    expect(found(`token: ${TEXT}`)).toBe(1)
    expect(found(`signature: of\ntoken: ${TEXT}`)).toBe(1)
  })
})
