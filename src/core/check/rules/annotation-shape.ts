import { defectRule } from '../rule.ts'

export const annotationShape = defectRule({
  id: 'annotation-shape',
  severity: 'warning',
  title: 'The shape or area of an annotation contradicts itself',
  explanation:
    'In COCO JSON a polygon of less than three points, run lengths that do not fill their mask, or an area that does not fit the box. The box is taken as it stands; measures by object size go by the area.',
  mend: 'Write the annotation anew from its box or mask.',
  codes: ['annotation-shape'],
})
