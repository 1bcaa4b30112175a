import type { Dataset } from '../core/dataset/model.ts'
import { gatePolicy } from '../core/documents/declared.ts'
import { parseDeclared } from '../core/documents/parse.ts'
import { EvidenceError, UsageError } from '../core/errors.ts'
import { dataGateTest } from '../core/render/doctor-terminal.ts'
import { modelGateTest } from '../core/render/model-doctor-terminal.ts'
import type { GateTest } from '../core/render/report-input.ts'
import { checkDataset } from '../steps/check.ts'
import { gatesDoctor } from '../steps/gates-doctor.ts'
import { modelDoctor } from '../steps/model-doctor.ts'
import { servingOf } from './demo-tools.ts'
import type { Policies } from './policies.ts'
import type { Arm } from './train-model.ts'
import type { Workspace } from './workspace.ts'

// Enough scenes for lines that ask for 30 of them, few enough for seconds.
const images = { data: 80, model: 40 }

/**
 * Plants known faults in the data set and in a model and looks which of them the story's own policies catch; read back
 * when it was done before. The files of `dataset` must stand in the work tree.
 */
export async function testGates(
  at: Workspace,
  input: { policies: Policies; dataset: Dataset; arm: Arm },
): Promise<GateTest[]> {
  const { storage } = at.tools
  const file = gateTestsFile(at.root)
  if (storage.exists(file)) return gateTestsOf(at)
  const folder = `${at.root}/planted`
  storage.remove(folder)
  const tests = [
    await toldAnyway('data', async () => dataGateTest(await plantInData(at, input, `${folder}/data`))),
    await toldAnyway('model', async () => modelGateTest(await plantInModel(at, input, `${folder}/model`))),
  ]
  storage.remove(folder)
  storage.write(file, JSON.stringify(tests, null, 1))
  return tests
}

/** What the gates were found to catch; none where a story was told before they were tested. */
export function gateTestsOf({ root, tools }: Pick<Workspace, 'root' | 'tools'>): GateTest[] {
  const file = gateTestsFile(root)
  return tools.storage.exists(file) ? (JSON.parse(tools.storage.readText(file)) as GateTest[]) : []
}

/** How many planted faults are caught, as part of a sentence. */
export function gateTestsFact(tests: readonly GateTest[]): string {
  const words = { data: 'of data', model: 'of the model' }
  const parts = tests.map(({ of, caught, planted, untested }) =>
    untested ? `none ${words[of]}, since ${untested}` : `${caught} of ${planted} ${words[of]}`,
  )
  return `planted faults that the gates catch: ${parts.join(', ')}`
}

const gateTestsFile = (root: string) => `${root}/parts/gate-tests.json`

async function plantInData(
  at: Workspace,
  { policies, dataset }: { policies: Policies; dataset: Dataset },
  folder: string,
) {
  const { tools } = at
  const policy = parseDeclared(gatePolicy, policies.dataset.yaml, policies.dataset.file)
  const today = dayOf(at)
  // One of the defects is a link that leads out of the data set.
  tools.storage.write(`${folder}/../outside.txt`, 'outside\n')
  const look = tools.lookAgain(folder)
  const check = async (base: Dataset | null) => {
    const head = tools.readDataset(folder)
    await look(head)
    return { dataset: head, findings: checkDataset(head, { policy, base, today }).body }
  }
  const { storage, link } = tools
  return gatesDoctor(
    { storage, images: tools.images, link, check, progress: tools.console.progress('  planting faults in the data') },
    { dataset, from: at.data, folder, most: images.data, seed: 0, only: null },
  )
}

/** Without the slow model: time is measured for the pull requests, and on an idle machine it takes longest of all. */
async function plantInModel(
  at: Workspace,
  { policies, dataset, arm }: { policies: Policies; dataset: Dataset; arm: Arm },
  folder: string,
) {
  const { tools, world } = at
  return modelDoctor(
    { ...tools, measure: null, progress: tools.console.progress('  planting faults in the model') },
    {
      model: arm.artifact,
      facts: tools.modelFacts(arm.artifact),
      champion: null,
      dataset,
      split: 'val',
      serving: servingOf(world.imageSize),
      threads: 1,
      policies: [policies.model, policies.export],
      folder,
      most: images.model,
      seed: '0',
      only: null,
      today: dayOf(at),
      latency: { target: tools.target, runs: null, imagesPerRun: 20 },
    },
  )
}

/** What cannot be tested on this data is said; it is no reason to end the story. */
async function toldAnyway(of: GateTest['of'], test: () => Promise<GateTest>): Promise<GateTest> {
  try {
    return await test()
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EvidenceError)) throw error
    return { of, caught: 0, planted: 0, headline: '', sample: '', rows: [], notes: [], untested: error.message }
  }
}

function dayOf({ tools }: Workspace): string {
  return tools.clock.now().toISOString().slice(0, 10)
}
