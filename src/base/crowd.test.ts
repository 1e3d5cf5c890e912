import { expect, test } from 'vitest';
import { Crowd } from './crowd.ts';

test('who has left is not in it, in whichever order they leave', () => {
  const crowd = new Crowd<string>();
  const places = ['a', 'b', 'c', 'd'].map((name) => crowd.add(name));
  places[1]![Symbol.dispose]();
  places[3]![Symbol.dispose]();
  expect([...crowd].sort()).toEqual(['a', 'c']);
  places[2]![Symbol.dispose]();
  places[0]![Symbol.dispose]();
  expect(crowd.size).toBe(0);
});

test('leaving twice takes nobody else out', () => {
  const crowd = new Crowd<string>();
  const place = crowd.add('a');
  crowd.add('b');
  place[Symbol.dispose]();
  place[Symbol.dispose]();
  expect([...crowd]).toEqual(['b']);
});

test('whoever comes or leaves while one looks at all changes nothing of what one sees', () => {
  const crowd = new Crowd<number>();
  const places = [1, 2, 3].map((member) => crowd.add(member));
  const seen: number[] = [];
  for (const member of crowd) {
    seen.push(member);
    places[member - 1]![Symbol.dispose]();
  }
  expect(new Set(seen)).toEqual(new Set([1, 2, 3]));
  expect(crowd.size).toBe(0);
});
