import { statSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

/** Numbers of a few MB are there before V8's last compiler is: without it they take a third less processor time. */
export function leaveOutLastCompiler(predictions) {
  if (isSmall(predictions)) setFlagsFromString('--no-turbofan')
}

/** What can't be looked at is for the command to tell of. */
function isSmall(file) {
  try {
    return statSync(file).size < 16e6
  } catch {
    return false
  }
}
