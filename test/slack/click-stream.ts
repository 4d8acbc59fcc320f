/** Clicks of somebody who may not decide, as fast as they are answered: each has to be acknowledged. */
import { click, type SeenMessage, type World } from './world.ts';

export interface Answered {
  /** 200: acknowledged. */
  status: number;
  ackMs: number;
}

export function clickWithoutPause(world: World, message: SeenMessage) {
  const answers: Answered[] = [];
  let going = true;
  const done = (async () => {
    while (going) {
      const { status, ackMs } = await click(world, 'dave', 'open', message);
      answers.push({ status, ackMs });
    }
  })();
  return {
    answers,
    stop: async (): Promise<Answered[]> => {
      going = false;
      await done;
      return answers;
    },
  };
}
