import { render } from 'lit';
import type { Mount } from '../frame/view.ts';
import { Player } from '../understand/player.ts';
import { playerView, type PlayerActions } from '../understand/playerView.ts';
import './understand.css';

/** Matrix product, attention and reduction, drawn at work. */
export const mount: Mount = (root, page) => {
  const actions: PlayerActions = {
    open: (lesson) => {
      page.keep({ lesson: lesson.id });
      player.open(lesson.id);
    },
    set: (settings) => player.set(settings),
    go: (step) => {
      player.pause();
      player.go(step);
    },
    play: () => player.play(),
    pause: () => player.pause(),
  };
  const player = new Player((state) => render(playerView(state, actions), root));
  return {
    enter: (state) => player.open(state.get('lesson') ?? ''),
    leave: () => player.pause(),
  };
};
