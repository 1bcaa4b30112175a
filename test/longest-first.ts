import { BaseSequencer, type TestSpecification } from 'vitest/node'

const takesMinutes = ({ moduleId }: TestSpecification) => /\.act\.test\.ts$|\/failpoints\.test\.ts$/.test(moduleId)

/** Tests that run workflows come first: short ones then fill both cores until the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [...sorted.filter(takesMinutes), ...sorted.filter((file) => !takesMinutes(file))]
  }
}
