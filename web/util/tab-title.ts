/** The title of the browser's tab: the page, and before it how many requests wait for who is signed in. */
let page = '';
let waiting = '';

export const tabTitle = {
  setPage(title: string) {
    page = title;
    write();
  },
  /** As it is shown, e.g. `3`; empty: nothing waits. */
  setWaiting(count: string) {
    waiting = count;
    write();
  },
};

function write(): void {
  const title = page === '' ? 'hoop' : `${page} \u00b7 hoop`;
  document.title = waiting === '' ? title : `(${waiting}) ${title}`;
}
