export const verbs: [verb: string, summary: string, example: string][]
