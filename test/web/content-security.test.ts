/** What the console's policy holds back, should text of somebody ever become part of the page. */
import { expect, test } from 'vitest';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { useConsole } from './support/use-console.ts';

const ui = useConsole();

/** Waits until the browser complained of a directive, and takes out all it complained of. */
async function heldBack(directive: string): Promise<void> {
  await eventuallyPasses(() => expect(ui.complaints.join('\n')).toContain(`Policy: ${directive} held back`));
  // all that one act was complained of for
  await ui.page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  ui.complaints.length = 0;
}

test('a style element without the nonce of the page is held back', async () => {
  await ui.signIn('sam');
  const display = await ui.page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(style);
    return getComputedStyle(document.body).display;
  });
  expect(display).toBe('block');
  await heldBack('style-src-elem');
});

test('a style attribute that comes with markup is held back', async () => {
  await ui.signIn('sam');
  const position = await ui.page.evaluate(() => {
    document.body.setAttribute('style', 'position: fixed');
    return getComputedStyle(document.body).position;
  });
  expect(position).toBe('static');
  await heldBack('style-src-attr');
});

test('a script that is written into the page does not run', async () => {
  await ui.signIn('sam');
  const refused = await ui.page.evaluate(() => {
    const script = document.createElement('script');
    try {
      script.textContent = 'document.title = "taken over"';
      document.head.append(script);
    } catch (error) {
      return String(error);
    }
    return document.title;
  });
  expect(refused).toContain('TrustedScript');
  await heldBack('require-trusted-types-for');
});

test('text with markup cannot become a part of the page', async () => {
  await ui.signIn('sam');
  const refused = await ui.page.evaluate(() => {
    try {
      document.body.innerHTML = '<img src="x" onerror="document.title = 1">';
    } catch (error) {
      return String(error);
    }
    return document.title;
  });
  expect(refused).toBe('TypeError: The console never makes markup from text.');
});

test('code from a string does not run', async () => {
  await ui.signIn('sam');
  // Later, as code of the page's own: what the test runs itself may do anything.
  const refused = await ui.page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        setTimeout(() => {
          try {
            resolve(String(new Function('return 1')()));
          } catch (error) {
            resolve((error as Error).name);
          }
        });
      }),
  );
  expect(refused).toBe('EvalError');
  await heldBack('require-trusted-types-for');
});

test('nothing is sent elsewhere, and nothing is shown inside of the page', async () => {
  await ui.signIn('sam');
  const sent = await ui.page.evaluate(() =>
    fetch('http://127.0.0.1:9/').then(
      () => 'sent',
      () => 'held back',
    ),
  );
  expect(sent).toBe('held back');
  await heldBack('connect-src');
  await ui.page.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.src = 'http://127.0.0.1:9/';
    document.body.append(frame);
  });
  await heldBack('frame-src');
});
