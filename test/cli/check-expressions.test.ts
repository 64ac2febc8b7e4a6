import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listExpressions } from '../../engine/index.ts'
import { check } from '../../server/cli/check.ts'
import { countsOf, renderExpressions } from '../../server/cli/expressions.ts'
import { readDefinitions } from '../../server/definitions.ts'
import { compiled } from '../expression/support.ts'
import { ROOT } from '../support/house.ts'
import { onefold } from './support.ts'

const QUARRY = join(ROOT, 'test/fixtures/providers/quarry')
const MAPPING = 'integrations/quarry/mappings/payment-gateway.yaml'
const SLOW = '$match(id, /(a+)+$/).match'

let desk: string
beforeAll(() => {
  desk = mkdtempSync(join(tmpdir(), 'onefold-expressions-'))
  cpSync(QUARRY, join(desk, 'good'), { recursive: true })
  const file = join(desk, 'good', MAPPING)
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^( +)id: .*$/m, `$1id: ${SLOW}`))
})
afterAll(() => rmSync(desk, { recursive: true, force: true }))

describe('onefold check --expressions', () => {
  it('lists every expression once with its place, who evaluates it, and why', async () => {
    const { expressions = [] } = await check([join(desk, 'good')], true)
    const slow = expressions.filter(({ backend }) => backend === 'interpreter')
    expect(slow).toMatchObject([{ source: SLOW, reason: 'regex that can run long', pointer: '/shapes/client/id' }])
    expect(expressions.length).toBeGreaterThan(20)
    expect(new Set(expressions.map(({ file, pointer, source }) => `${file}${pointer} ${source}`)).size).toBe(
      expressions.length,
    )
    for (const { file, line, column, source, backend, reason } of expressions) {
      const lines = readFileSync(file, 'utf8').split('\n')
      expect(lines.length).toBeGreaterThanOrEqual(line)
      expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length)
      expect(lines.slice(line - 1).join('\n')).toContain(source.split('\n')[0])
      expect(reason === undefined).toBe(backend !== 'interpreter')
    }
  })

  it('lists the parts of templates, and says nothing of them unless asked', async () => {
    const { expressions = [] } = await check([join(desk, 'good')], true)
    expect(expressions.filter(({ source }) => source === '$path.id').length).toBeGreaterThan(0)
    expect(await check([join(desk, 'good')])).not.toHaveProperty('expressions')
  })

  it('finds few expressions in what Onefold brings along that do not compile', async () => {
    const expressions = listExpressions(await readDefinitions([{ path: ROOT }]))
    const { path, compiled, interpreter } = countsOf(expressions)
    expect(path + compiled + interpreter).toBe(expressions.length)
    expect(expressions.length).toBeGreaterThan(1000)
    expect(interpreter).toBeLessThan(expressions.length / 100)
  })

  it('prints a line for each and counts them', async () => {
    const { code, stdout } = await onefold(desk, 'check', 'good', '--expressions')
    expect(stdout).toMatch(
      new RegExp(`^good/${MAPPING}:\\d+:\\d+ interpreter \\$match.* \\(regex that can run long\\)$`, 'm'),
    )
    expect(stdout).toMatch(/^\d+ expressions: \d+ path, \d+ compiled, 1 interpreter$/m)
    expect(stdout).toMatch(/in 8 files, 1 integration, 0 models, \d+ cases\n$/)
    expect(code).toBe(1)
  })

  it('gives JSON with counts', async () => {
    const { stdout } = await onefold(desk, 'check', 'good', '--expressions', '--json')
    const report = JSON.parse(stdout) as { backends: Record<string, number>; expressions: { backend: string }[] }
    expect(report.backends).toEqual(countsOf(report.expressions as never))
    expect(report.backends.interpreter).toBe(1)
  })

  it('cuts long sources to a line and says nothing about nothing', () => {
    const source = `a &\n ${'b & '.repeat(60)}c`
    const entry = { file: 'x.yaml', line: 1, column: 2, pointer: '/a', source, backend: 'compiled' } as const
    const [line = ''] = renderExpressions([entry]).split('\n')
    expect(line).toMatch(/^x\.yaml:1:2 compiled {4}a & b & .*…$/)
    expect(line.length).toBeLessThan(140)
    expect(renderExpressions([])).toBe('')
  })

  it('the reason stands on the expression itself', () => {
    expect(compiled('$match(a, /(x+)+/)').reason).toBe('regex that can run long')
    expect(compiled('a + 1').reason).toBeUndefined()
  })
})
