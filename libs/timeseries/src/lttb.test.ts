import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CoursePoint, largestTriangles } from './lttb.ts';

const anyCourse = fc
  .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 200 })
  .map((values) => values.map((value, index): CoursePoint => ({ timeMicros: 1_000 * index, value })));

test('the chosen are points of the course in its order, with the first and the last, as many as were asked for', () => {
  fc.assert(
    fc.property(anyCourse, fc.integer({ min: 2, max: 50 }), (course, count) => {
      const chosen = largestTriangles(course, count);
      expect(chosen).toHaveLength(Math.min(count, course.length));
      expect(chosen).toEqual(course.filter((point) => chosen.includes(point)));
      expect([chosen[0], chosen.at(-1)]).toEqual([course[0], course.at(-1)]);
    }),
  );
});

test('a peak that a mean would hide stays', () => {
  const course = Array.from({ length: 1_000 }, (_, index) => ({ timeMicros: index, value: index === 537 ? 100 : 0 }));
  expect(largestTriangles(course, 10)).toContainEqual({ timeMicros: 537, value: 100 });
});

test('of each stretch the point with the largest triangle is chosen', () => {
  const course = [0, 1, 5, 2, 2, -4, 3].map((value, timeMicros) => ({ timeMicros, value }));
  expect(largestTriangles(course, 4).map(({ value }) => value)).toEqual([0, 5, -4, 3]);
});
