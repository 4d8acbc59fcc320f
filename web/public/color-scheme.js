// Runs before anything is shown, so that a page in the dark never begins with a flash of white. A file of its own: the
// page's policy allows no script within the page. The name is that of Mantine's `localStorageColorSchemeManager`.
(function () {
  let chosen = 'auto';
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value') || 'auto';
  } catch {
    // a browser that keeps nothing for this page
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
