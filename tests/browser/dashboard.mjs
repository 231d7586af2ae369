// SPDX-License-Identifier: GPL-2.0-or-later
// What is looked at in the dashboard. Orders for the wire go to standard output, a line each, and
// are answered by a line of standard input.
import { createInterface } from 'node:readline';
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const { MODULES, PICTURES, HERE, BROWSER, UPDATE } = process.env;
const { chromium } = createRequire(`${MODULES}/x.js`)('playwright-core');
const axe = readFileSync(`${MODULES}/axe-core/axe.min.js`, 'utf8');
const URL_ = 'http://127.0.0.1:4780';
const pages = ['/', '/devices', '/apps', '/names', '/log', '/lists'];

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function act(order) {
	process.stdout.write(order + '\n');
	return (await answers.next()).value;
}

let bad = 0;
function check(what, ok, more = '') {
	console.error(`${ok ? 'ok  ' : 'FAIL'} ${what}${ok ? '' : ' ' + more}`);
	bad += !ok;
}

const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-gpu',
	// The browser itself is to phone nowhere: it would be seen in the rows.
	'--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-pings', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'] });
const outside = new Set(), errors = [];
async function open(path, options = {}) {
	const p = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })).newPage();
	p.on('request', r => { if (!r.url().startsWith(URL_ + '/')) outside.add(r.url()); });
	p.on('pageerror', e => errors.push(String(e)));
	p.on('console', m => { if (m.type() === 'error') errors.push(m.text()); });
	await p.goto(URL_ + path);
	return p;
}
const text = (p, at = '#main') => p.locator(at).innerText();
async function until(what, f, ms = 6000) {
	const end = Date.now() + ms;
	let last;
	while (Date.now() < end) {
		last = await f();
		if (last === true) return check(what, true);
		await new Promise(r => setTimeout(r, 100));
	}
	check(what, false, String(last).slice(0, 300));
}

// Live: what happens on the wire appears without anybody doing anything.
const p = await open('/');
await until('it says that nothing has phoned home', async () => /Nothing has phoned home/.test(await text(p)) || text(p));
await act('evening');
await until('the overview is live', async () => /attempts to phone home/.test(await text(p)) && /logs\.netflix\.com/.test(await text(p)) || text(p));
check('the device has its name', /living-room-tv/.test(await text(p)));

// Without a script it says where the same is.
const plain = await open('/', { javaScriptEnabled: false });
check('without a script it leads to the records', /figures, names, log as JSON/.test(await text(plain)), await text(plain));
await plain.context().close();

// Pause and resume change the wire.
check('a tracker is refused', await act('ask logs.netflix.com') === 'reset');
await p.getByRole('button', { name: 'Pause 5 minutes' }).click();
await until('it says that it is paused', async () => /^Paused until/.test(await text(p, '#state')) || text(p, '#state'));
check('a tracker is let through while paused', await act('ask logs.netflix.com') === 'answered');
await p.getByRole('button', { name: 'Resume' }).click();
await until('it says that it blocks', async () => await text(p, '#state') === 'Blocking' || text(p, '#state'));
check('a tracker is refused again', await act('ask logs.netflix.com') === 'reset');

// By the keyboard: the first stop leads to the content.
const k = await open('/');
await k.waitForSelector('#main h1');
await k.keyboard.press('Tab');
check('the first stop of the keyboard leads to the content', await k.evaluate(() => document.activeElement.className) === 'skip', await k.evaluate(() => document.activeElement.outerHTML.slice(0, 200)));
await k.context().close();

// Allow asks first; a no changes nothing.
await p.getByRole('link', { name: 'Names' }).click();
await p.getByRole('button', { name: 'Allow 1 hour: logs.netflix.com' }).click();
check('it asks', /living-room-tv reach logs\.netflix\.com/.test(await text(p, '#ask')), await text(p, '#ask'));
await p.getByRole('button', { name: 'Cancel' }).click();
check('a no changes nothing', await act('ask logs.netflix.com') === 'reset');
await p.getByRole('button', { name: 'Allow 1 hour: logs.netflix.com' }).click();
await p.locator('#ask').getByRole('button', { name: 'Allow' }).click();
await until('it says what is allowed', async () => /logs.netflix.com is allowed/.test(await text(p, '#said')) || text(p, '#said'));
check('what was allowed passes', await act('ask logs.netflix.com') === 'answered');
await p.getByRole('link', { name: 'Overview' }).click();
await until('the overview again', async () => /attempts to phone home/.test(await text(p)));

// A link leads to the filtered log, back leads back.
await p.getByRole('link', { name: 'logs.netflix.com' }).first().click();
await until('a name leads to its log', async () => /records/.test(await text(p)) && p.url().includes('name=logs.netflix.com'));
check('the log is filtered', await p.locator('.row').evaluateAll(rows => rows.length > 0 && rows.every(r => /logs\.netflix\.com/.test(r.textContent))));
await p.goBack();
await until('back leads back', async () => /attempts to phone home/.test(await text(p)));
await p.goto(URL_ + '/log');
await p.getByLabel('Became').selectOption('allow');
await p.getByRole('button', { name: 'Filter' }).click();
await until('the filter of the log', async () => p.locator('.row').evaluateAll(rows => rows.length > 0 && rows.every(r => /let through/.test(r.textContent))));

// The same records out of the file, which says for how long they are kept.
await p.goto(URL_ + '/log?name=logs.netflix.com');
await p.getByLabel('The last 30 days, from the file').check();
await until('the log out of the file', async () => p.locator('.row').evaluateAll(rows => rows.length > 0 && rows.every(r => /logs\.netflix\.com/.test(r.textContent))));
check('the page says what is kept', /a file keeps 30 days/.test(await text(p, '#foot')), await text(p, '#foot'));

// By the keyboard: rows are gone through, the record of the selected one is shown.
await p.goto(URL_ + '/log?name=logs.netflix.com');
await until('the log by its address', async () => await p.locator('.row').count() > 1);
await p.locator('.rows').focus();
for (const key of ['ArrowDown', 'ArrowDown', 'End', 'Home']) await p.keyboard.press(key);
check('the first row is selected', await p.locator('.rows').getAttribute('aria-activedescendant') === 'row-0' && await p.locator('#row-0').getAttribute('aria-selected') === 'true');
check('its record is shown', /"logs\.netflix\.com"/.test(await text(p, '.detail')));
await p.keyboard.press('Escape');
check('and no longer', !await p.locator('.detail').isVisible());

// tacet ends and starts again: the page says it, and goes on by itself.
await p.goto(URL_ + '/');
await act('stop');
await until('it says that tacet is not running', async () => await text(p, '#state') === 'tacet is not running' || text(p, '#state'));
await act('start');
await until('it goes on by itself', async () => await text(p, '#state') === 'Blocking' || text(p, '#state'));
await act('evening');
await p.reload();
await until('it is live again', async () => /attempts to phone home/.test(await text(p)) || text(p));

// Pictures, structure, and what axe says, of every page.
const structure = [], before = bad;
for (const path of pages)
	for (const colorScheme of ['light', 'dark'])
		for (const width of [360, 768, 1440]) {
			const q = await open(path, { viewport: { width, height: 900 }, colorScheme });
			await q.waitForFunction(() => document.querySelector('#main h1') && !/^(Connecting)?$/.test(document.querySelector('#state').textContent));
			await q.waitForTimeout(150);
			await q.screenshot({ path: `${PICTURES}/dashboard${path.replace('/', '-').replace(/-$/, '-overview')}-${width}-${colorScheme}.png`, fullPage: true });
			const over = await q.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			if (over > 0) check(`${path} fits ${width} pixels`, false, `it is ${over} wider`);
			await q.evaluate(axe);
			const found = (await q.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))).violations;
			if (found.length) check(`axe of ${path} at ${width}, ${colorScheme}`, false,
				found.map(v => `${v.impact} ${v.id}: ${v.nodes[0].html} ${v.nodes[0].failureSummary}`).join('; ').slice(0, 600));
			// Not what depends on the clock, or on when flows end.
			await q.evaluate(() => {
				for (const r of document.querySelectorAll('.row, .row *')) for (const a of ['id', 'class']) r.removeAttribute(a);
				for (const s of document.querySelectorAll('main svg')) { s.setAttribute('aria-label', s.getAttribute('aria-label').replace(/\d+/g, 'N')); s.replaceChildren(); }
			});
			if (width === 1440 && colorScheme === 'light')
				structure.push(`--- ${path}`, execFileSync('python3', [`${HERE}/../cli/outline.py`], { input: await q.content(), encoding: 'utf8' }).trimEnd());
			await q.context().close();
		}
check('axe finds nothing on the pages, and they fit', bad === before);
const outline = structure.join('\n') + '\n', golden = `${HERE}/dashboard.outline`;
if (UPDATE) writeFileSync(golden, outline);
const same = existsSync(golden) && readFileSync(golden, 'utf8') === outline;
if (!same) writeFileSync(`${PICTURES}/dashboard.outline`, outline);
check('the structure of the pages is the one that was looked at', same, `diff ${golden} ${PICTURES}/dashboard.outline`);

// 50,000 records: only the rows in sight are in the document, and nothing stalls.
// What comes faster than it is read is lost, and counted: then more is asked for.
const many = 50000, part = 10000;
const api = async path => (await fetch(URL_ + path)).json();
const count = async () => (await api('/api/v1/log?name=tracker.test&limit=1')).total;
const stopped = async () => (await api('/api/v1/stats')).blocked;
const before50 = await count(), stoppedBefore = await stopped();
let asked = 0, there = 0, lost = 0;
while (there < many && asked < 2 * many) {
	await act(`flood ${part} ${asked}`);
	asked += part;
	await until(`of ${asked} questions all that were stopped are there, or counted as lost`, async () => {
		const all = await stopped() - stoppedBefore;
		there = await count() - before50, lost = (await api('/api/v1/hello')).lost;
		return there + lost === all && all > 0.9 * asked || `${all} stopped, ${there} there, ${lost} lost`;
	}, 20000);
}
const q = await open('/log?name=tracker.test');
await q.evaluate(() => { window.longest = 0; new PerformanceObserver(l => { for (const e of l.getEntries()) window.longest = Math.max(window.longest, e.duration); }).observe({ type: 'longtask', buffered: true }); });
await until('the log says how many', async () => Number((await text(q, '#main > p')).replace(/\D/g, '')) >= many || text(q, '#main > p'));
const box = q.locator('.rows');
for (const part of [0.25, 0.5, 1, 0.75, 0]) {
	await box.evaluate((b, part) => { b.scrollTop = (b.scrollHeight - b.clientHeight) * part; }, part);
	await until(`rows at ${part * 100} %`, async () => q.locator('.row').evaluateAll(rows => rows.length > 10 && rows.every(r => /tracker\.test/.test(r.textContent))));
}
const rows = await q.locator('.row').count(), longest = await q.evaluate(() => window.longest);
check('what was lost is told', /^[\d,]+ records? came faster/.test(await text(q, '#lost')) === lost > 0, await text(q, '#lost'));
console.error(`     ${await count()} records and ${lost} lost, ${rows} rows in the document, the longest task took ${Math.round(longest)} ms`);
await q.evaluate(() => new Promise(done => setTimeout(() => { const end = performance.now() + 300; while (performance.now() < end); setTimeout(done, 100); })));
check('a stall would be seen', await q.evaluate(() => window.longest) >= 250);
check('few rows are in the document', rows < 100, rows);
check('no task of the page is longer than 200 ms', longest < 200, longest);
await q.screenshot({ path: `${PICTURES}/dashboard-log-50000.png` });

// More than it can take, because it does not run for a while: the page says so.
await act(`faint ${part} ${asked}`);
await until('more was lost, and is told', async () => {
	const now = (await api('/api/v1/hello')).lost;
	return now > lost && await text(q, '#lost') === `${now.toLocaleString('en')} records came faster than this page\u2019s server reads: log and tables are without them, the chart and the figures are not.` || text(q, '#lost');
});

check('no request leaves the origin', !outside.size, [...outside].join(' '));
const odd = errors.filter(e => !/503|ERR_/.test(e)); // tacet was away
check('no error in the console', !odd.length, odd.join('; '));
await browser.close();
process.exit(bad ? 1 : 0);
