export const usage = `
usage: sluice check PATH [--base REV|PATH] [options]

  PATH             a data set: images/ and labels/, a data.yaml, COCO JSON, Pascal VOC, a dataset spec, or REV:PATH
  --base REV|PATH  the version to compare with; then only findings that it does not have block
  --policy FILE    severities and limits (default: the gates/dataset.yaml that comes with sluice)
  --waivers FILE   findings that are accepted for a time
  --triage FILE    a reviewer's decisions, as the HTML page saves them; may be given several times
  --champion FILE  a model (ONNX): labels that it disagrees with are told, as warnings
  --pixels WHICH   pictures to decode: changed (what the base lacks; default with a base), all (default without), none
  --cache DIR      where a check leaves what it read for the next one (in a repository: .sluice/cache); none: nowhere

  --html FILE      one page with pictures, filters and triage by keys
  --md FILE        markdown, for a comment
  --sarif FILE     SARIF 2.1.0, for code scanning
  --json FILE      verdict, counts and findings
  --evidence PATH  the Findings document, for gates; a folder takes all documents: findings, diff, drift, suspicious

  sluice check data/worksite --base main --html check.html

exit codes: 0 no new error · 1 a new error · 2 wrong use, or a description of the data that is unsafe or unreadable ·
3 no image at all, or a triage of other data
`
