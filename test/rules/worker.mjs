// The built server in a process of its own, with a time that moves when told to, killed at a counted point of its work.
import { createInterface } from 'node:readline'
import { readSettings } from '../../dist/server/config.js'
import { createLog } from '../../dist/server/log.js'
import { startServer } from '../../dist/server/server.js'
import { RuleMessageStore } from '../../dist/server/stores/rule-messages.js'
import { RuleNoteStore } from '../../dist/server/stores/rule-notes.js'
import { RuleRunStore } from '../../dist/server/stores/rule-runs.js'
import { clock, setTo, wake } from '../support/told-clock.mjs'

const { env, folder, now: start, killAt, inWindow } = JSON.parse(process.argv[2])
setTo(start)
let points = 0
let underWay = 0
/** Ends the process at the point that was counted out: while nothing is being sent, or, with `inWindow`, while something is. */
const point = (isWindow) => {
  if (isWindow !== inWindow || (!isWindow && underWay > 0)) return
  points += 1
  if (points === killAt) process.kill(process.pid, 'SIGKILL')
}
const around = ({ prototype }, name, before, after) => {
  const original = prototype[name]
  prototype[name] = async function (...given) {
    before()
    const answer = await original.apply(this, given)
    after(answer)
    return answer
  }
}
const outside = () => point(false)
for (const name of ['put', 'looked', 'begin', 'change', 'forget', 'open']) around(RuleRunStore, name, outside, outside)
for (const name of ['done', 'fail', 'turn']) around(RuleMessageStore, name, outside, outside)
around(RuleNoteStore, 'add', outside, outside)
const begin = () => {
  point(false)
  underWay += 1
}
const end = () => {
  underWay -= 1
  point(false)
}
around(RuleMessageStore, 'claim', begin, (claimed) => claimed === null && end())
around(RuleMessageStore, 'settle', () => point(true), end)
const server = await startServer(readSettings(env, folder), createLog('error'), { clock, home: folder })
process.stdout.write(`${server.url}\n`)
createInterface({ input: process.stdin }).on('line', (line) => {
  setTo(Number(line))
  wake()
  process.stdout.write('moved\n')
})
process.stdin.on('end', () => process.exit(0))
