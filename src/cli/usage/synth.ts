import { cameras } from '../../core/synthetic/backgrounds.ts'

export const usage = `
usage: sluice synth OUT [options]

Draws scenes of a worksite (person, helmet, vest, tool) with exact boxes and provenance. The same options
give the same bytes. OUT may hold a data set already: the images are added to it.

  --images N        how many (200)               --seed S       any number or word (0)
  --cameras LIST    of ${cameras.join(', ')} (yard,hall,gate)
  --split SPLIT     train, val or test (train)   --frames N     frames a scene (3)
  --tool-share P    share of workers with a tool (0.2)
  --size PIXELS     side of the square images (160)
  --prefix WORD     first part of the names; a new part needs a new one (the split's name)
  --defects LIST    defects to plant in the new images, or "all"
  --list-defects    names them                   --json FILE    what was written and planted
`
