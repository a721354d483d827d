import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** A number: the call at which the process is to end as by `kill -9`. */
export const KILL_AT = 'PALISADE_TEST_KILL_AT'

/** Only calls that change something below this folder count. */
export const KILL_IN = 'PALISADE_TEST_KILL_IN'

const killAt = Number(process.env[KILL_AT] ?? Infinity)
const folder = process.env[KILL_IN] ?? ''
let calls = 0

/** The same function, which ends the process before its work when its turn has come. */
function counted<F extends (...words: never[]) => unknown>(call: F): F {
  return new Proxy(call, {
    apply: (target, self, words: unknown[]) => {
      if (typeof words[0] === 'string' && words[0].startsWith(folder)) {
        calls += 1
        if (calls === killAt) process.kill(process.pid, 'SIGKILL')
      }
      const result: unknown = Reflect.apply(target, self, words)
      return result
    },
  })
}

if (folder !== '') {
  fs.mkdirSync = counted(fs.mkdirSync)
  fs.openSync = counted(fs.openSync)
  fs.writeFileSync = counted(fs.writeFileSync)
  fs.renameSync = counted(fs.renameSync)
  fs.rmSync = counted(fs.rmSync)
  fs.rmdirSync = counted(fs.rmdirSync)
  fs.unlinkSync = counted(fs.unlinkSync)
  fs.promises.open = counted(fs.promises.open)
  fs.promises.rename = counted(fs.promises.rename)
  fs.promises.rm = counted(fs.promises.rm)
  syncBuiltinESMExports()
}
