import { answerParent } from '../harness/answer.ts'
import { pageReader, type Source } from '../harness/native-page.ts'
import { repeat, watchDelays } from '../harness/usage.ts'

// The floor of a unified list inside one process: the same pages, read, parsed and written, with nothing in between.
let read: (() => Promise<string>) | undefined

const call = (): Promise<string> => {
  if (read === undefined) throw new Error('nothing was prepared')
  return read()
}

answerParent({
  prepare: (source: Source) => {
    read = pageReader(source)
  },
  once: call,
  repeat: ({ ms }: { ms: number }) => repeat(call, ms),
  delays: ({ ms }: { ms: number }) => watchDelays(call, ms),
})
