import { servingUsage } from '../serving-usage.ts'

export const usage = `
usage: sluice gates doctor PATH [options]
       sluice gates doctor --model M.onnx --data DIR [options]

  PATH             a data set; it is only read, defects are planted in a copy of some of its images
  --policy FILE    severities and limits to test (default: the gates/dataset.yaml that comes with sluice)
  --champion FILE  a model (ONNX) that labels are compared with, for defects that only the picture tells
  --only ID,…      these defects and controls alone
  --images N       images in the copy at most (200)
  --seed TEXT      which images and boxes (0)
  --json FILE      every defect with what was planted and what was said of it

With --model the gates for models are put to the test: the model, how it is served and the evidence about it are spoilt
one at a time, and each must be stopped.

  --data DIR       the data set; a sample of one split is used
  --split SPLIT    train, val or test (val)
  --champion FILE  compare with this model (default: the model itself, unspoilt)
  --policy A,B     policies to test (default: gates/model.yaml, export.yaml and latency.yaml that come with sluice)
  --only ID,…      these mutants and controls alone
  --images N       images at most, of as many scenes as there are (60)
  --runs N         runs an arm of the latency measurement (as many as the policy asks for, 10 at least)
  --no-latency     leave out the slow model
  --seed, --json   as above

how models run:
${servingUsage}

exit codes: 0 every defect that could be planted is caught and no control blamed · 1 not so · 2 wrong use
`
