import { sha256 } from '../../../src/core/documents/define.ts'

/** One sound text of every kind that people write. */
export const declaredTexts: Record<string, string> = {
  DatasetSpec: `name: worksite
path: data/worksite
format: yolo
classes: [person, helmet]
labels:
  rules:
    - { class: person, include: every person }
splits: { groupBy: [scene], val: 0.2 }
`,
  Pipeline: `name: champion
trainer: ultralytics
role: champion
model: models/worksite.yaml
seed: 0
threads: 1
imageSize: 160
epochs: 24
arguments: { lr0: 0.004 }
`,
  GatePolicy: `name: model
gates:
  - { gate: minimum, evidence: Evaluation, atLeast: 0.4 }
`,
  Waivers: `waivers:
  - { rule: tiny-box, file: labels/a.txt, reason: far off, owner: ana, expires: 2027-01-31 }
`,
  Acceptances: `acceptances:
  - { verdict: ${sha256('a')}, reason: night data is urgent, owner: ana, expires: 2027-01-31 }
`,
  ClassMigration: `name: hard-hats
from: [person, helmet]
to: [person, hard-hat]
operations:
  - { rename: helmet, to: hard-hat }
`,
  Channel: `channel: production
model: worksite
version: v1.0.0
manifest: ${sha256('m')}
artifact: ${sha256('a')}
history: []
`,
}
