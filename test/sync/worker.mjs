// The built server in a process of its own, whose time moves when its parent says so.
import { setImmediate as turn } from 'node:timers/promises'
import { readSettings } from '../../dist/server/config.js'
import { createLog } from '../../dist/server/log.js'
import { startServer } from '../../dist/server/server.js'
import { clock, setTo, sleeping, wake } from '../support/told-clock.mjs'

const { env, folder, now } = JSON.parse(process.argv[2])
setTo(now)
const server = await startServer(readSettings(env, folder), createLog('error'), { clock, home: folder })
process.on('disconnect', () => process.exit(0))
// An instant is what time it is now; null, that it is so everywhere.
process.on('message', async (instant) => {
  if (instant === null) wake()
  else setTo(instant)
  for (let turns = 0; turns < 5; turns++) await turn()
  process.send(sleeping())
})
process.send({ url: server.url })
