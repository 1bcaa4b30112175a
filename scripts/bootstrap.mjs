// Makes a fresh clone ready: npm packages, then the locked Python tools, which --without-python leaves out; with --dvc what
// reads DVC remotes alone, for a job that only reads data. Node built-ins only; runs on Node 20 and newer.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tools = join(root, '.tools')
const readsAlone = process.argv.includes('--dvc')
const venv = join(tools, readsAlone ? 'dvc' : 'python')
const python = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
const lock = join(root, `pipelines/python/${readsAlone ? 'dvc' : 'requirements'}.lock`)
const torch = readsAlone ? 'none' : (process.env.SLUICE_TORCH ?? 'default')

// What lets a job read a private remote is not for installers.
for (const name of ['SLUICE_DVC_CONFIG', 'ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']) {
  delete process.env[name]
}

/** Ends set-up with exit code 2 (the machine lacks something) or 4 (a download failed, safe to run again). */
function stop(code, what, mend) {
  process.stderr.write(`sluice set-up: ${what}\n  to mend it: ${mend}\n`)
  process.exit(code)
}

function digest(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

function stampIs(file, value) {
  return existsSync(file) && readFileSync(file, 'utf8') === value
}

function answers(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  return result.status === 0 ? result.stdout.trim() : null
}

function needGiB(gib, what) {
  const { bavail, bsize } = statfsSync(root)
  const free = (bavail * bsize) / 2 ** 30
  if (free < gib)
    stop(
      2,
      `${what} needs ${gib} GiB of disk, ${free.toFixed(1)} GiB are free`,
      'free some space, or set SLUICE_TORCH=cpu to take 5 GiB less',
    )
}

/** Runs a program; its output is shown only when it fails. */
function run(label, command, args, env = {}) {
  const started = Date.now()
  process.stderr.write(`sluice set-up: ${label} …\n`)
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', (error) =>
      stop(2, `${command} did not start: ${error.message}`, `install ${command} and run this again`),
    )
    child.on('close', (code) => {
      if (code !== 0) {
        process.stderr.write(output.split('\n').slice(-25).join('\n'))
        stop(
          4,
          `${label} failed (${command} ended with ${code})`,
          'look at the lines above; it is safe to run this again',
        )
      }
      process.stderr.write(`sluice set-up: ${label}: ${((Date.now() - started) / 1000).toFixed(0)} s\n`)
      resolve()
    })
  })
}

async function npmPackages() {
  const stamp = join(root, 'node_modules/.sluice-stamp')
  const want = digest(readFileSync(join(root, 'package-lock.json')))
  if (stampIs(stamp, want)) return
  // onnxruntime-node's install script would download CUDA libraries; the CPU build is in the package.
  await run('npm packages', 'npm', ['ci', '--no-audit', '--no-fund'], { ONNXRUNTIME_NODE_INSTALL: 'skip' })
  // npm links the programs of dependencies only; `npx sluice` shall work here too.
  const link = join(root, 'node_modules/.bin/sluice')
  if (process.platform !== 'win32' && !existsSync(link)) symlinkSync('../../bin/sluice.mjs', link)
  writeFileSync(stamp, want)
}

async function uvProgram(python3) {
  if (answers('uv', ['--version'])) return 'uv'
  const folder = join(tools, 'uv')
  const uv = join(folder, 'bin/uv')
  if (existsSync(uv)) return uv
  if (answers(python3, ['-m', 'pip', '--version']) === null) {
    stop(
      2,
      'neither uv nor pip is here',
      'install one: apt-get install -y python3-pip (Debian), or brew install uv (macOS)',
    )
  }
  await run('uv, the Python installer', python3, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--target',
    folder,
    'uv==0.13.9',
  ])
  return uv
}

async function pythonTools(python3, version) {
  const stamp = join(venv, '.sluice-stamp')
  const want = digest(readFileSync(lock), torch, version)
  if (stampIs(stamp, want)) return
  if (readsAlone) needGiB(1, 'DVC')
  else needGiB(torch === 'cpu' ? 3 : 8, 'the Python tools (DVC, Ultralytics with torch, ONNX)')
  const uv = await uvProgram(python3)
  const quiet = { VIRTUAL_ENV: venv, UV_LINK_MODE: process.env.UV_LINK_MODE ?? '' }
  if (!quiet.UV_LINK_MODE) delete quiet.UV_LINK_MODE
  rmSync(stamp, { force: true })
  if (!existsSync(python)) await run('a Python environment', uv, ['venv', '--quiet', '--python', python3, venv], quiet)
  if (torch === 'cpu') await cpuTools(uv, quiet)
  else await run('Python tools', uv, ['pip', 'sync', '--quiet', '--require-hashes', '--python', python, lock], quiet)
  writeFileSync(stamp, want)
}

/** torch from uv's CPU backend has other hashes than the lock: its versions stay pinned, the hashes are that index's. */
async function cpuTools(uv, env) {
  const pins = readFileSync(lock, 'utf8')
    .split('\n')
    .filter((line) => /^[a-z0-9]/i.test(line))
    .map((line) => line.replace(/\s*\\$/, ''))
  const requirements = join(tools, 'requirements-cpu.txt')
  writeFileSync(requirements, pins.filter((line) => !/^(nvidia-|cuda-|triton)/.test(line)).join('\n'))
  const overrides = join(root, 'pipelines/python/overrides.txt')
  await run(
    'Python tools (torch for CPU)',
    uv,
    [
      'pip',
      'install',
      '--quiet',
      '--torch-backend',
      'cpu',
      '--override',
      overrides,
      '--python',
      python,
      '-r',
      requirements,
    ],
    env,
  )
}

/** A command in few files starts faster; where it can't be built it runs from its sources. An action has no use for it. */
async function buildCommand() {
  const { freshBuild } = await import('../bin/built.mjs')
  const { verbs } = await import('../bin/verbs.mjs')
  if (process.env.GITHUB_ACTION_PATH || verbs.every(([verb]) => freshBuild(verb))) return
  const args = [join(root, 'scripts/build-command.ts')]
  const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/node'), args, { encoding: 'utf8' })
  if (status !== 0) process.stderr.write(`sluice set-up: the command could not be built and starts slower\n${stderr}\n`)
}

function checkNode() {
  if (Number(process.versions.node.split('.')[0]) < 20)
    stop(2, `Node ${process.versions.node} is too old`, 'install Node 20 or newer')
  if (answers('git', ['--version']) === null)
    stop(2, 'git is missing', 'apt-get install -y git (Debian), or brew install git (macOS)')
}

function checkPython() {
  const python3 = process.env.SLUICE_PYTHON ?? 'python3'
  const version = answers(python3, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])
  if (version === null)
    stop(2, `${python3} is missing`, 'apt-get install -y python3 python3-pip (Debian), or brew install python (macOS)')
  const [major, minor] = version.split('.').map(Number)
  if (major < 3 || minor < 10)
    stop(2, `Python ${version} is too old`, 'install Python 3.10 or newer and name it in SLUICE_PYTHON')
  return { python3, version }
}

const withPython = !process.argv.includes('--without-python')
checkNode()
const { python3, version } = withPython ? checkPython() : {}
if (!readsAlone && !existsSync(join(root, 'node_modules'))) needGiB(2, 'node_modules')
mkdirSync(tools, { recursive: true })
await Promise.all([readsAlone ? null : npmPackages(), withPython ? pythonTools(python3, version) : null])
if (!readsAlone) await buildCommand()
