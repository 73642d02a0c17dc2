// What is wrong with the page that is open: a list of texts.
const wrong = [];
const say = (what, e) => wrong.push(what + (e ? ': ' + e.outerHTML.slice(0, 160) : ''));
const status = performance.getEntriesByType('navigation')[0].responseStatus;
if (status !== 200) say('status ' + status);
if (!document.title) say('no title');
if (!/^(zh|en)/.test(document.documentElement.lang)) say('no language');
if (document.querySelectorAll('h1').length !== 1) say(document.querySelectorAll('h1').length + ' h1');
if (document.documentElement.scrollWidth > innerWidth) {
  const out = [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1);
  say('wider than the window by ' + (document.documentElement.scrollWidth - innerWidth), out[out.length - 1]);
}
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => say('id twice: ' + id));
for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
  if (!e.labels.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby')) say('no label', e);
for (const e of document.querySelectorAll('a[href], button'))
  if (!e.textContent.trim() && !e.getAttribute('aria-label')) say('no name', e);
for (const e of document.querySelectorAll('img:not([alt])')) say('no alt', e);
for (const e of document.querySelectorAll('th:not([scope])')) say('no scope', e);
for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby]'))
  for (const id of (e.getAttribute('aria-describedby') || e.getAttribute('aria-labelledby')).split(/\s+/))
    if (!document.getElementById(id)) say('points nowhere', e);
for (const e of document.querySelectorAll('a[href^="#"]'))
  if (!document.getElementById(decodeURIComponent(e.hash.slice(1)))) say('leads nowhere', e);
if (document.querySelector('script, [onclick], [style]')) say('script or style', document.querySelector('script, [onclick], [style]'));
let level = 0;
for (const e of document.querySelectorAll('h1, h2, h3, h4')) {
  if (e.closest('aside')) continue;
  if (+e.tagName[1] > level + 1) say('heading skips', e);
  level = +e.tagName[1];
}
const boxes = [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea, main button')]
  .filter(e => e.checkVisibility()).map(e => [e, e.getBoundingClientRect()]);
boxes.forEach(([e, a], i) => {
  const over = ([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  if (boxes.slice(i + 1).some(over)) say('one on another', e);
});
const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return [m[0], m[1], m[2], m[3] === undefined ? 1 : m[3]]; };
const light = c => { const f = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]); };
const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; }
  return [255, 255, 255, 1]; };
const seen = new Set();
for (const e of document.querySelectorAll('body *')) {
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || e.closest('svg, [disabled]') || !e.getClientRects().length) continue;
  const s = getComputedStyle(e), a = light(parse(s.color)), b = light(ground(e));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  const large = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && +s.fontWeight >= 700);
  const key = s.color + ground(e);
  if (ratio < (large ? 3 : 4.5) && !seen.has(key)) { seen.add(key); say('contrast ' + ratio.toFixed(2), e); }
}
return wrong;
