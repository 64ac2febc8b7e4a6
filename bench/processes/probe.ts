import { isMainThread } from 'node:worker_threads'
import { answerParent } from '../harness/answer.ts'
import { heldMemory, meterCpu, type Usage } from '../harness/usage.ts'

// Loaded into a program by `node --import`, so that the program itself need not know that it is measured.
if (isMainThread && process.send !== undefined) {
  let stop: (() => Usage) | undefined
  answerParent({
    start: () => {
      stop = meterCpu()
    },
    stop: () => {
      if (stop === undefined) throw new Error('nothing is being measured')
      return stop()
    },
    memory: heldMemory,
  })
  // The program ends when it wants to, not when nobody asks any more.
  process.channel?.unref()
}
