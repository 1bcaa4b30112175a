export const usage = `
usage: sluice migrate MIGRATION PATH [options]

  MIGRATION    a ClassMigration: from, to, and operations (rename, merge, split, delete) for what has no name in both
  PATH         the data set: a folder, a data.yaml, or a dataset spec, whose classes then change too
  --dry-run    tells what would change and writes nothing
  --json FILE  boxes by class before and after, and the files

Labels, data.yaml, provenance.ndjson and the spec change together or not at all; a run that was cut off is finished by the
next one, and a second run does nothing.
`
