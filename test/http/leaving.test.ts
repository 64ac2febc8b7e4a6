import { expect, it } from 'vitest'
import { Leaving } from '../../server/http/leaving.ts'

it('tells every listener that is left, once, and remembers why', () => {
  const leaving = new Leaving()
  const told: string[] = []
  const gone = (): unknown => told.push('gone')
  leaving.addEventListener('abort', () => told.push('function'))
  leaving.addEventListener('abort', gone)
  leaving.addEventListener('abort', { handleEvent: () => told.push('object') })
  leaving.removeEventListener('abort', gone)
  expect([leaving.aborted, leaving.reason]).toEqual([false, undefined])
  leaving.leave()
  leaving.leave()
  expect(told).toEqual(['function', 'object'])
  expect([leaving.aborted, leaving.reason?.code]).toEqual([true, 'canceled'])
})
